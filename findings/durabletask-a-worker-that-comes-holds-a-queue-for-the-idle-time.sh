#!/usr/bin/env bash
# With extended sessions, the Durable Task Framework over Azure Storage hands a control queue to a worker that comes only when every session on it
# has ended, and one whose orchestration merely waits ends after ExtendedSessionIdleTimeout (30 s by default). Until then nobody reads the queue:
# when a second worker starts, half of all orchestrations stand still for that long. Shorter idle time, shorter pause.
# Exits 0 while the longest orchestration after a worker came takes at least 10 s more by default than with an idle time of 1 s.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(cat "$folder"/pids 2>/dev/null) 2>/dev/null || true; wait; rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error azurite@3.37.0 >/dev/null
port() { node -e "const s = require('net').createServer().listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close(); })"; }
blob=$(port) queue=$(port) table=$(port)
for kind in blob queue table; do
  node_modules/.bin/azurite-$kind --${kind}Host 127.0.0.1 --${kind}Port "${!kind}" --location "$folder/$kind" --silent --skipApiVersionCheck --disableTelemetry >/dev/null &
  echo $! >> pids
done
cat > try.csproj <<'P'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><NuGetAudit>false</NuGetAudit></PropertyGroup>
  <ItemGroup><PackageReference Include="Microsoft.Azure.DurableTask.AzureStorage" Version="2.11.2" /></ItemGroup>
</Project>
P
cat > try.cs <<'C'
using System.Diagnostics;
using DurableTask.AzureStorage;
using DurableTask.Core;

var (blob, queue, table) = (args[0], args[1], args[2]);
var (usual, brief) = (await LongestAsync("usual", null), await LongestAsync("brief", TimeSpan.FromSeconds(1)));
Console.WriteLine($"DurableTask.AzureStorage {FileVersionInfo.GetVersionInfo(typeof(AzureStorageOrchestrationService).Assembly.Location).FileVersion}: "
    + $"after a second worker came, the longest orchestration took {usual.TotalSeconds:0} s by default, {brief.TotalSeconds:0} s with an idle time of 1 s");
return usual - brief >= TimeSpan.FromSeconds(10) ? 0 : 1;

AzureStorageOrchestrationService Service(string hub, string worker, TimeSpan? idle)
{
    const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
    var settings = new AzureStorageOrchestrationServiceSettings
    {
        StorageAccountClientProvider = new StorageAccountClientProvider($"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={Key};"
            + $"BlobEndpoint=http://127.0.0.1:{blob}/devstoreaccount1;QueueEndpoint=http://127.0.0.1:{queue}/devstoreaccount1;"
            + $"TableEndpoint=http://127.0.0.1:{table}/devstoreaccount1;"),
        TaskHubName = hub,
        WorkerId = worker,
        PartitionCount = 2,
        LeaseRenewInterval = TimeSpan.FromSeconds(2),
        LeaseAcquireInterval = TimeSpan.FromSeconds(2),
        MaxQueuePollingInterval = TimeSpan.FromSeconds(1),
        ExtendedSessionsEnabled = true,
    };
    if (idle is { } time)
        settings.ExtendedSessionIdleTimeout = time;

    return new AzureStorageOrchestrationService(settings);
}

async Task<TaskHubWorker> WorkerAsync(AzureStorageOrchestrationService service)
{
    var worker = new TaskHubWorker(service);
    worker.AddTaskOrchestrations(typeof(Waits), typeof(Works));
    worker.AddTaskActivities(typeof(Takes));
    await worker.StartAsync();
    return worker;
}

async Task<TimeSpan> LongestAsync(string hub, TimeSpan? idle)
{
    var service = Service(hub, "first", idle);
    await service.CreateIfNotExistsAsync();
    var first = await WorkerAsync(service);
    var client = new TaskHubClient(service);
    for (var i = 0; i < 4; i++)
        await RunAsync(client);

    for (var i = 0; i < 20; i++)
        await client.CreateOrchestrationInstanceAsync(typeof(Waits), 0);

    await Task.Delay(TimeSpan.FromSeconds(3));
    var second = await WorkerAsync(Service(hub, "second", idle));
    var all = new List<Task<TimeSpan>>();
    for (var i = 0; i < 30; i++)
    {
        all.Add(RunAsync(client));
        await Task.Delay(500);
    }

    var longest = (await Task.WhenAll(all)).Max();
    await second.StopAsync(isForced: true);
    await first.StopAsync(isForced: true);
    return longest;
}

static async Task<TimeSpan> RunAsync(TaskHubClient client)
{
    var clock = Stopwatch.StartNew();
    var instance = await client.CreateOrchestrationInstanceAsync(typeof(Works), 0);
    await client.WaitForOrchestrationAsync(instance, TimeSpan.FromMinutes(15));
    return clock.Elapsed;
}

sealed class Waits : TaskOrchestration<int, int>
{
    private readonly TaskCompletionSource<int> never = new();

    public override Task<int> RunTask(OrchestrationContext context, int input) => never.Task;
}

sealed class Works : TaskOrchestration<int, int>
{
    public override Task<int> RunTask(OrchestrationContext context, int input) => context.ScheduleTask<int>(typeof(Takes), 1);
}

sealed class Takes : TaskActivity<int, int>
{
    protected override int Execute(TaskContext context, int input) => input;
}
C
dotnet build --verbosity quiet --nologo >/dev/null
dotnet bin/Debug/net10.0/try.dll "$blob" "$queue" "$table"
