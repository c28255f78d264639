#!/usr/bin/env bash
# NuGet's StandardWebhooks 1.1.2 looks at every signature of a header but the last of several: a delivery signed with an older and a newer secret
# is refused by whoever knows only the secret whose signature comes last; npm's standardwebhooks takes it. Exits 0 while that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > ask.csproj <<'X'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup>
    <FrameworkReference Include="Microsoft.AspNetCore.App" />
    <PackageReference Include="StandardWebhooks" Version="1.1.2" />
  </ItemGroup>
</Project>
X
cat > Program.cs <<'X'
using Microsoft.AspNetCore.Http;
using StandardWebhooks;

var (mine, other) = (new StandardWebhook(Secret(1)), new StandardWebhook(Secret(2)));
var now = DateTimeOffset.UtcNow;
var (known, unknown) = (mine.Sign("msg_1", now, "{}"), other.Sign("msg_1", now, "{}"));
Console.WriteLine(Secret(1));
Console.WriteLine(now.ToUnixTimeSeconds());
foreach (var (what, signatures) in new[]
    { ("alone", known), ("first", $"{known} {unknown}"), ("last", $"{unknown} {known}"), ("middle", $"{unknown} {known} {unknown}") })
{
    Console.Write($"{what}|{signatures}|");
    try
    {
        mine.Verify("{}", new HeaderDictionary
            { ["webhook-id"] = "msg_1", ["webhook-timestamp"] = $"{now.ToUnixTimeSeconds()}", ["webhook-signature"] = signatures });
        Console.WriteLine("taken");
    }
    catch (Exception e)
    {
        Console.WriteLine($"refused ({e.GetType().Name})");
    }
}

static string Secret(byte b) => "whsec_" + Convert.ToBase64String(Enumerable.Repeat(b, 32).ToArray());
X
dotnet run > told.txt
npm install --no-audit --no-fund --loglevel=error standardwebhooks@1.1.1 >/dev/null
cat > ask.mjs <<'X'
import { readFileSync } from 'node:fs';
import { Webhook } from 'standardwebhooks';
const [secret, at, ...lines] = readFileSync('told.txt', 'utf8').trim().split('\n');
for (const [what, signatures, nuget] of lines.map(line => line.split('|'))) {
  let npm = 'taken';
  try {
    new Webhook(secret).verify('{}', { 'webhook-id': 'msg_1', 'webhook-timestamp': at, 'webhook-signature': signatures });
  } catch (e) {
    npm = `refused (${e.name})`;
  }
  console.log(`${what}: NuGet ${nuget}, npm ${npm}`);
}
X
node ask.mjs | tee said.txt
grep -q '^last: NuGet refused' said.txt
grep -q '^last:.*npm taken' said.txt
[ "$(grep -c 'NuGet taken' said.txt)" = 3 ]
