namespace Notary.Servers.Arm;

/// <summary>What there is: resources, machines, device objects, and operations that are under way. Everything under one lock.</summary>
internal sealed class ArmState(ArmServerOptions options) : IDisposable
{
    private readonly Dictionary<string, JsonObject> resources = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, ArmMachine> machines = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string> devices = [];
    private readonly HashSet<string> names = [];
    private readonly Lock gate = new();

    /// <summary>In force until it has struck or is changed.</summary>
    public ArmFault Fault { get; set; }

    public string RegistrationToken { get; private set; } = "";

    public DateTimeOffset TokenUntil { get; private set; }

    private string Sessions => $"/subscriptions/{options.Subscription}/resourceGroups/{options.SessionsGroup}";

    public string Pool => $"/subscriptions/{options.Subscription}/resourceGroups/{options.PoolGroup}"
        + $"/providers/Microsoft.DesktopVirtualization/hostPools/{options.Pool}";

    /// <summary>Whatever a session leaves, by its id.</summary>
    public IReadOnlyList<string> Left
    {
        get
        {
            lock (gate)
                return [.. resources.Keys, .. machines.Keys.Select(name => "machine " + name), .. devices.Values.Select(name => "device " + name)];
        }
    }

    /// <summary>The processes of machines that run.</summary>
    public IReadOnlyList<Process> Processes
    {
        get
        {
            lock (gate)
                return [.. machines.Values.Where(m => m.Running).Select(m => m.Process!)];
        }
    }

    public JsonObject? Find(string id)
    {
        lock (gate)
            return resources.GetValueOrDefault(id)?.DeepClone().AsObject();
    }

    public IReadOnlyList<JsonObject> Under(string prefix)
    {
        lock (gate)
            return [.. resources.Where(r => r.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)).Select(r => r.Value.DeepClone().AsObject())];
    }

    public void Change(string id, Action<JsonObject> change)
    {
        lock (gate)
        {
            if (resources.TryGetValue(id, out var found))
                change(found);
        }
    }

    public bool Remove(string id)
    {
        lock (gate)
            return resources.Remove(id);
    }

    public IReadOnlyList<string> DevicesOf(string name)
    {
        lock (gate)
            return [.. devices.Where(d => d.Value == name).Select(d => d.Key)];
    }

    public bool RemoveDevice(string id)
    {
        lock (gate)
            return devices.Remove(id);
    }

    public void NewToken(DateTimeOffset until) => (RegistrationToken, TokenUntil) = (Guid.NewGuid().ToString("N"), until);

    public void SignIn(string host, string user) => Put($"{host}/userSessions/1", new JsonObject
    {
        ["name"] = $"{options.Pool}/{host[(host.LastIndexOf('/') + 1)..]}/1",
        ["properties"] = new JsonObject { ["userPrincipalName"] = user },
    });

    public void Begin(string deployment) => Put(deployment, new JsonObject { ["properties"] = new JsonObject { ["provisioningState"] = "Running" } });

    /// <summary>Makes what a deployment asks for, unless it is cancelled meanwhile.</summary>
    public void Deploy(string deployment, ArmTemplate template)
    {
        try
        {
            foreach (var resource in template.Resources())
            {
                lock (gate)
                {
                    if (State(deployment) != "Running")
                    {
                        Change(deployment, d => d["properties"]!["provisioningState"] = "Canceled");
                        return;
                    }

                    Make(resource);
                }
            }

            Change(deployment, d => d["properties"]!["provisioningState"] = "Succeeded");
        }
        catch (InvalidOperationException e)
        {
            var error = new JsonObject { ["code"] = "DeploymentFailed", ["details"] = new JsonArray(new JsonObject { ["code"] = e.Message }) };
            Change(deployment, d =>
            {
                d["properties"]!["provisioningState"] = "Failed";
                d["properties"]!["error"] = error;
            });
        }
    }

    /// <summary>A machine with what is to go with it.</summary>
    public void DeleteMachine(string id)
    {
        ArmMachine? machine;
        lock (gate)
        {
            if (Fault == ArmFault.DeletionFails)
            {
                Fault = ArmFault.None;
                Change(id, vm => vm["properties"]!["provisioningState"] = "Failed");
                return;
            }

            if (!resources.Remove(id, out var vm))
                return;

            foreach (var part in vm["properties"]!["networkProfile"]!["networkInterfaces"]!.AsArray()
                .Where(n => (string?)n!["properties"]!["deleteOption"] == "Delete"))
                resources.Remove((string)part!["id"]!);

            if ((string?)vm["properties"]!["storageProfile"]!["osDisk"]!["deleteOption"] == "Delete")
                resources.Remove(DiskOf(vm));

            foreach (var child in resources.Keys.Where(r => r.StartsWith(id + "/", StringComparison.OrdinalIgnoreCase)).ToList())
                resources.Remove(child);

            machines.Remove((string)vm["name"]!, out machine);
        }

        machine?.Dispose();
    }

    public void Dispose()
    {
        foreach (var machine in machines.Values)
            machine.Dispose();
    }

    private string? State(string deployment) => (string?)resources.GetValueOrDefault(deployment)?["properties"]?["provisioningState"];

    private void Put(string id, JsonObject resource)
    {
        resource["id"] = id;
        resource["name"] ??= id[(id.LastIndexOf('/') + 1)..];
        lock (gate)
            resources[id] = resource;
    }

    private string DiskOf(JsonObject vm) => $"{Sessions}/providers/Microsoft.Compute/disks/{vm["properties"]!["storageProfile"]!["osDisk"]!["name"]}";

    private void Make(JsonObject resource)
    {
        var (type, name) = ((string)resource["type"]!, (string)resource["name"]!);
        var id = (string?)resource["scope"] is { } scope ? $"{scope}/providers/{type}/{name}"
            : $"{Sessions}/providers/{type.Split('/')[0]}" + string.Concat(type.Split('/').Skip(1).Zip(name.Split('/')).Select(p => $"/{p.First}/{p.Second}"));
        var secret = (resource["properties"] as JsonObject)?["protectedSettings"]?["commandToExecute"];
        (resource["properties"] as JsonObject)?.Remove("protectedSettings");
        (resource["properties"] as JsonObject)!["provisioningState"] = "Succeeded";
        switch (type)
        {
            case "Microsoft.Compute/virtualMachines" when Fault == ArmFault.DeploymentHalfway:
                Fault = ArmFault.None;
                throw new InvalidOperationException("SkuNotAvailable");
            case "Microsoft.Compute/virtualMachines":
                machines[name] = new ArmMachine(options);
                Put(id, resource);
                Put(DiskOf(resource), new JsonObject { ["properties"] = new JsonObject { ["provisioningState"] = "Succeeded" } });
                return;
            case "Microsoft.Compute/virtualMachines/extensions" when name.EndsWith("/AADLoginForWindows", StringComparison.Ordinal):
                var machine = name.Split('/')[0];

                // Entra joins no second device of a name that it has or had.
                if (!names.Add(machine))
                    throw new InvalidOperationException("HostnameDuplicate");

                devices[Guid.NewGuid().ToString()] = machine;
                break;
            case "Microsoft.Compute/virtualMachines/extensions" when secret is not null && Fault != ArmFault.NoAgent:
                Register(name.Split('/')[0], machines[name.Split('/')[0]].Start((string)secret!));
                break;
        }

        Put(id, resource);
    }

    private void Register(string machine, string token)
    {
        if (token != RegistrationToken)
            throw new InvalidOperationException("RegistrationTokenInvalid");

        var status = Fault == ArmFault.NeverAvailable ? "Unavailable" : "Available";
        Put($"{Pool}/sessionHosts/{machine}", new JsonObject
        {
            ["name"] = $"{options.Pool}/{machine}",
            ["properties"] = new JsonObject { ["status"] = status, ["allowNewSession"] = true },
        });
    }
}
