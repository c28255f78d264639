#!/usr/bin/env bash
# Two Nethereum RpcClients for two nodes over one HttpClient both ask the second node: the constructor writes its address
# into the HttpClient it is given. A third one, made after the first request, throws. Exits 0 while that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > try.csproj <<'P'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><NuGetAudit>false</NuGetAudit></PropertyGroup>
  <ItemGroup><PackageReference Include="Nethereum.JsonRpc.RpcClient" Version="6.1.0" /><PackageReference Include="Newtonsoft.Json" Version="13.0.4" /></ItemGroup>
</Project>
P
cat > try.cs <<'C'
using Nethereum.JsonRpc.Client;

using var http = new HttpClient(new Echo());
var first = new RpcClient(new Uri("http://first.test/"), http);
var second = new RpcClient(new Uri("http://second.test/"), http);
var (one, two) = (await first.SendRequestAsync<string>("eth_blockNumber"), await second.SendRequestAsync<string>("eth_blockNumber"));
Console.WriteLine($"Nethereum.JsonRpc.RpcClient {typeof(RpcClient).Assembly.GetName().Version}: the first client asked {one}, the second {two}");
try
{
    _ = new RpcClient(new Uri("http://third.test/"), http);
    return 1;
}
catch (InvalidOperationException e)
{
    Console.WriteLine($"a third: {e.Message}");
    return (one, two) == ("second.test", "second.test") ? 0 : 1;
}

// Answers with the host that was asked; nothing leaves the process.
sealed class Echo : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel) => Task.FromResult(new HttpResponseMessage
    {
        Content = new StringContent($$"""{"jsonrpc":"2.0","id":1,"result":"{{request.RequestUri!.Host}}"}"""),
    });
}
C
dotnet build --verbosity quiet --nologo >/dev/null
dotnet bin/Debug/net10.0/try.dll
