namespace Notary.Servers;

/// <summary>What <c>scripts/run --desktops</c> does besides: a session of a recorded desktop, open at the platform's own page of checks.</summary>
internal static class RunDesktop
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    /// <summary>Desktops of this machine, which may reach the app and nothing else.</summary>
    public static void Configure(IDictionary<string, string?> environment, string folder, int port)
    {
        environment["Notary__Forensics__Agent"] = Path.Combine(Repository.Root, "functions", "Recorder", "bin", "Release", "net10.0", "notary-recorder");
        environment["Notary__Forensics__Folder"] = Path.Combine(folder, "desktops");
        environment["Notary__Forensics__Arguments"] = string.Create(CultureInfo.InvariantCulture, $"--allow 127.0.0.1:{port}");
    }

    /// <summary>Asks for a session, follows it until it may be used, and says on which page.</summary>
    public static async Task ShowAsync(App app, Uri console, string key, Action<string> say, CancellationToken cancel)
    {
        using var http = app.Client(key);
        var session = await AskAsync(http, HttpMethod.Post, "", new JsonObject { ["page"] = new Uri(app.Url, "verify").ToString() }, cancel);
        for (var said = ""; ; await Task.Delay(Poll, cancel))
        {
            var path = $"/{session["id"]}";
            session = await AskAsync(http, HttpMethod.Get, path, null, cancel);
            var state = (string)session["state"]!;
            if (state != said)
                say($"a desktop: {said = state}");

            if (state is "Refused" or "Broken")
            {
                await Console.Error.WriteLineAsync($"no desktop: {session.ToJsonString(JsonSerializerOptions.Default)}");
                return;
            }

            if (state != "Ready")
                continue;

            Console.WriteLine($"""
                desktop       {console}desktops{path}
                              (for the owner, signed in by the link above: enter it there, and end it; what happens in it is recorded and deposited)
                """);
            return;
        }
    }

    private static async Task<JsonNode> AskAsync(HttpClient http, HttpMethod method, string path, JsonObject? body, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, new Uri("v1/forensics/sessions" + path, UriKind.Relative));
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), null, "application/json");

        using var answer = await http.SendAsync(request, cancel);
        var text = await answer.Content.ReadAsStringAsync(cancel);
        return answer.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new InvalidOperationException($"no desktop: {text}");
    }
}
