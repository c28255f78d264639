namespace Notary.Soak;

/// <summary>A stage with a proxy in front of each dependency.</summary>
internal sealed class FaultBed : IAsyncDisposable
{
    private readonly Dictionary<string, FaultProxy> proxies = [];

    public Stage Stage { get; private set; } = null!;

    /// <summary>Made on this bed so far.</summary>
    public int Deposits { get; set; }

    /// <summary>The end of what the app said.</summary>
    public string Output => Stage.App.Process.StandardOutput is var all && all.Length > 4000 ? all[^4000..] : all;

    public static async Task<FaultBed> StartAsync(Azurite azurite)
    {
        var bed = new FaultBed();
        bed.Stage = await Stage.StartAsync(azurite, async platform =>
        {
            async Task<Uri> ByWayOf(string name, Uri target)
            {
                var proxy = bed.proxies[name] = await FaultProxy.StartAsync(new Uri(target, "/"));
                return new Uri(proxy.Url, target.AbsolutePath);
            }

            return platform.AppEnvironment(
                blob: await ByWayOf("blob", platform.Azurite.BlobEndpoint), queue: await ByWayOf("queue", platform.Azurite.QueueEndpoint),
                table: await ByWayOf("table", platform.Azurite.TableEndpoint), chain: await ByWayOf("chain", platform.Anvil.Url),
                vault: await ByWayOf("vault", platform.Vault.Url), authorityA: await ByWayOf("authority", platform.Authorities[0].Url));
        });
        return bed;
    }

    /// <summary>A deposit's request, the same at each call.</summary>
    public Func<HttpRequestMessage> Request(byte[] content, string key) => () => new HttpRequestMessage(HttpMethod.Post, "v1/deposits/file?name=a.txt")
    {
        Content = new ByteArrayContent(content),
        Headers = { { "Idempotency-Key", key } },
    };

    /// <summary>Calls back with the name of every write.</summary>
    public void Watch(Action<string> seen)
    {
        Clear();
        foreach (var (dependency, proxy) in proxies)
        {
            proxy.Add(new FaultRule("", FaultKind.Callback)
            {
                When = (method, path, body) =>
                {
                    if (WriteSites.NameOf(dependency, method, path, body) is { } name)
                        seen(name);

                    return false;
                },
            });
        }
    }

    /// <summary>Strikes the next write from a place.</summary>
    public FaultRule Strike(string site, string manner, int burst)
    {
        Clear();
        var dependency = site.Split(' ')[0];
        bool IsThere(string method, string path, string body) => WriteSites.NameOf(dependency, method, path, body) == site;
        var rule = manner switch
        {
            "answer lost" => new FaultRule("", FaultKind.Drop, FaultPoint.AfterEffect) { When = IsThere },
            "killed before" => new FaultRule("", FaultKind.Callback) { When = IsThere, Callback = Stage.KillAsync },
            "killed after" => new FaultRule("", FaultKind.Callback, FaultPoint.AfterEffect) { When = IsThere, Callback = Stage.KillAsync },
            "503 burst" => new FaultRule("", FaultKind.Status) { When = IsThere, Status = 503, Times = burst },
            _ => new FaultRule("", FaultKind.Status) { When = IsThere, Status = 409 },
        };
        return proxies[dependency].Add(rule);
    }

    /// <summary>No more faults.</summary>
    public void Clear()
    {
        foreach (var proxy in proxies.Values)
            proxy.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await Stage.DisposeAsync();
        foreach (var proxy in proxies.Values)
            await proxy.DisposeAsync();
    }
}
