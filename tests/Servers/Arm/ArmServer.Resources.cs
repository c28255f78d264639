namespace Notary.Servers.Arm;

/// <summary>The resource manager's own part.</summary>
public sealed partial class ArmServer
{
    private string Sessions => $"/subscriptions/{options.Subscription}/resourceGroups/{options.SessionsGroup}";

    private Task ManageAsync(HttpContext http, string path)
    {
        var deployments = Sessions + "/providers/Microsoft.Resources/deployments";
        if (path.StartsWith(state.Pool, StringComparison.OrdinalIgnoreCase))
            return PoolAsync(http, path);

        if (!path.StartsWith(Sessions + "/", StringComparison.OrdinalIgnoreCase))
            return RefuseAsync(http, 403, "AuthorizationFailed");

        return (http.Request.Method, path) switch
        {
            ("GET", _) when path == Sessions + "/resources" => http.Response.WriteAsJsonAsync(ListOf(state.Under(Sessions)
                .Where(r => r["tags"]?[Quoted().Match(http.Request.Query["$filter"].ToString()).Groups[1].Value] is not null))),
            ("GET", _) when path == deployments => http.Response.WriteAsJsonAsync(ListOf(state.Under(deployments + "/"))),
            ("GET", _) when path.Contains("/operations/", StringComparison.Ordinal) => OperationAsync(http, path),
            ("PUT", _) when path.StartsWith(deployments + "/", StringComparison.Ordinal) => DeployAsync(http, path),
            ("POST", _) when path.EndsWith("/cancel", StringComparison.Ordinal) => CancelAsync(http, path[..^"/cancel".Length]),
            ("GET", _) => FoundAsync(http, path),
            ("DELETE", _) => DeleteAsync(http, path),
            _ => RefuseAsync(http, 405, "MethodNotAllowed"),
        };
    }

    private Task FoundAsync(HttpContext http, string path)
    {
        if (state.Find(path) is not { } found)
            return RefuseAsync(http, 404, "ResourceNotFound");

        if ((string?)found["properties"]?["provisioningState"] is "Running" or "Deleting" or "Canceling")
            http.Response.Headers.RetryAfter = $"{options.RetryAfterSeconds}";

        return http.Response.WriteAsJsonAsync(found);
    }

    private async Task DeployAsync(HttpContext http, string path)
    {
        if ((string?)state.Find(path)?["properties"]?["provisioningState"] is "Running" or "Canceling")
        {
            await RefuseAsync(http, 409, "DeploymentActive");
            return;
        }

        ArmTemplate template;
        try
        {
            var body = (await JsonSerializer.DeserializeAsync<JsonObject>(http.Request.Body))!["properties"]!.AsObject();
            template = new ArmTemplate(body["template"]!.AsObject(), body["parameters"]!.AsObject(), Sessions, "eastasia");
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or JsonException)
        {
            await RefuseAsync(http, 400, "InvalidTemplate");
            return;
        }

        state.Begin(path);
        Begun(http, 201, () => state.Deploy(path, template));
        await http.Response.WriteAsJsonAsync(state.Find(path));
    }

    private Task CancelAsync(HttpContext http, string deployment)
    {
        var was = (string?)state.Find(deployment)?["properties"]?["provisioningState"];
        state.Change(deployment, d =>
        {
            if ((string?)d["properties"]!["provisioningState"] == "Running")
                d["properties"]!["provisioningState"] = "Canceling";
        });
        return was == "Running" ? EmptyAsync(http, 204) : RefuseAsync(http, 409, "DeploymentCannotBeCancelled");
    }

    private Task DeleteAsync(HttpContext http, string path)
    {
        if (state.Find(path) is not { } found)
            return EmptyAsync(http, 204);

        if (path.Contains("/virtualMachines/", StringComparison.OrdinalIgnoreCase))
        {
            if ((string?)found["properties"]!["provisioningState"] == "Deleting")
                return RefuseAsync(http, 409, "AnotherOperationInProgress");

            state.Change(path, vm => vm["properties"]!["provisioningState"] = "Deleting");
            Begun(http, 202, () => state.DeleteMachine(path));
            return Task.CompletedTask;
        }

        // What a machine holds is not deleted before it.
        if (state.Under(Sessions + "/providers/Microsoft.Compute/virtualMachines/").Any(vm => vm.ToJsonString().Contains(path[(path.LastIndexOf('/') + 1)..],
            StringComparison.Ordinal)) && !path.Contains("/deployments/", StringComparison.OrdinalIgnoreCase))
            return RefuseAsync(http, 409, "NicInUse");

        state.Remove(path);
        return EmptyAsync(http, path.Contains("/deployments/", StringComparison.OrdinalIgnoreCase) ? 202 : 200);
    }

    /// <summary>Answers that it has begun, and where its end can be seen.</summary>
    private void Begun(HttpContext http, int status, Action work)
    {
        var id = $"{Sessions}/operations/{Guid.NewGuid():N}";
        operations[id] = Task.Run(work);
        http.Response.StatusCode = status;
        http.Response.Headers["Azure-AsyncOperation"] = $"{Url.ToString().TrimEnd('/')}{id}?api-version=2025-04-01";
        http.Response.Headers.RetryAfter = $"{options.RetryAfterSeconds}";
    }

    private Task OperationAsync(HttpContext http, string path) => operations.TryGetValue(path, out var work)
        ? http.Response.WriteAsJsonAsync(new JsonObject { ["status"] = work.IsCompleted ? work.IsFaulted ? "Failed" : "Succeeded" : "InProgress" })
        : RefuseAsync(http, 404, "NotFound");

    private async Task PoolAsync(HttpContext http, string path)
    {
        var body = http.Request.Method == "PATCH" ? await JsonSerializer.DeserializeAsync<JsonObject>(http.Request.Body) : null;
        var rest = path[state.Pool.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries);
        var host = rest is ["sessionHosts", var name, ..] ? $"{state.Pool}/sessionHosts/{name}" : "";
        switch (http.Request.Method, rest)
        {
            case ("PATCH", []) when (string?)body!["properties"]!["registrationInfo"]!["registrationTokenOperation"] == "Update":
                state.NewToken(DateTimeOffset.Parse((string)body["properties"]!["registrationInfo"]!["expirationTime"]!, CultureInfo.InvariantCulture));
                await http.Response.WriteAsJsonAsync(new JsonObject());
                break;
            case ("POST", ["retrieveRegistrationToken"]):
                await http.Response.WriteAsJsonAsync(state.RegistrationToken.Length == 0 ? []
                    : new JsonObject
                    {
                        ["token"] = state.RegistrationToken, ["expirationTime"] = state.TokenUntil.ToString("O", CultureInfo.InvariantCulture),
                    });
                break;
            case ("GET", ["sessionHosts", _]):
                await FoundAsync(http, host);
                break;
            case ("PATCH", ["sessionHosts", _]) when state.Find(host) is not null:
                Patch(host, body!["properties"]!.AsObject());
                await http.Response.WriteAsJsonAsync(state.Find(host));
                break;
            case ("GET", ["sessionHosts", _, "userSessions"]):
                await http.Response.WriteAsJsonAsync(ListOf(state.Under(host + "/userSessions/")));
                break;
            case ("DELETE", ["sessionHosts", _, "userSessions", var number]):
                await EmptyAsync(http, state.Remove($"{host}/userSessions/{number}") ? 200 : 204);
                break;
            case ("DELETE", ["sessionHosts", _]) when state.Under(host + "/userSessions/").Count > 0:
                await RefuseAsync(http, 409, "SessionHostHasUserSessions");
                break;
            case ("DELETE", ["sessionHosts", _]):
                await EmptyAsync(http, state.Remove(host) ? 200 : 204);
                break;
            default:
                await RefuseAsync(http, 404, "NotFound");
                break;
        }
    }

    /// <summary>Whoever a machine is given to is on it at once.</summary>
    private void Patch(string host, JsonObject properties)
    {
        state.Change(host, h =>
        {
            foreach (var (name, value) in properties)
                h["properties"]![name] = value?.DeepClone();
        });
        if ((string?)properties["assignedUser"] is { } user)
            state.SignIn(host, user);
    }
}
