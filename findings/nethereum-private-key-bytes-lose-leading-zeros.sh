#!/usr/bin/env bash
# Nethereum's EthECKey gives back a private key's bytes without their leading zeros, although the key was made from 32 bytes and an Ethereum private key
# has 32: one key in 256 comes out shorter, as a number and not as a key. What wants 32 bytes (.NET's ECDsa, a keystore, another wallet) then refuses it,
# now and then. GetPrivateKey() as text drops them too. Keep the bytes you made the key from, or pad them.
# Exits 0 while a key of 32 bytes with a leading zero comes back as 31, and one without as 32.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > try.csproj <<'P'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><NuGetAudit>false</NuGetAudit></PropertyGroup>
  <ItemGroup><PackageReference Include="Nethereum.Signer" Version="6.1.0" /></ItemGroup>
</Project>
P
cat > try.cs <<'C'
using Nethereum.Signer;

int Bytes(byte first)
{
    var secret = Enumerable.Range(1, 32).Select(i => (byte)i).ToArray();
    secret[0] = first;
    var key = new EthECKey(secret, isPrivate: true);
    Console.WriteLine($"32 bytes that begin with {first:x2}: GetPrivateKeyAsBytes() has {key.GetPrivateKeyAsBytes().Length}, "
        + $"GetPrivateKey() {key.GetPrivateKey().Length} characters, address {key.GetPublicAddress()}");
    return key.GetPrivateKeyAsBytes().Length;
}

Console.WriteLine($"Nethereum.Signer {typeof(EthECKey).Assembly.GetName().Version}");
return (Bytes(0x01), Bytes(0x00)) == (32, 31) ? 0 : 1;
C
dotnet build --verbosity quiet --nologo >/dev/null
dotnet bin/Debug/net10.0/try.dll
