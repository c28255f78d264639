#!/usr/bin/env bash
# The Bicep compiler says nothing of a misspelt rule or option in bicepconfig.json, nor of a word that no open enumeration of
# the published types has: with both rules believed to be on, a wrong sku compiles. Exits 0 while that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > tool.csproj <<'X'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
  <ItemGroup><PackageDownload Include="Azure.Bicep.CommandLine.linux-x64" Version="[0.49.2]" /></ItemGroup>
</Project>
X
dotnet restore tool.csproj --packages packages --verbosity quiet >/dev/null
bicep=packages/azure.bicep.commandline.linux-x64/0.49.2/tools/bicep
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
"$bicep" --version
cat > bicepconfig.json <<'X'
{ "analyzers": { "core": { "enabled": true, "rules": {
  "no-unused-parameters": { "level": "error" },
  "use-recent-api-versions": { "level": "error", "maxAllowedAgeInDays": 1 } } } } }
X
cat > main.bicep <<'X'
resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: 'account'
  location: resourceGroup().location
  kind: 'StorageV2'
  sku: { name: 'Standard_LRSX' }
}
X
said=$("$bicep" lint main.bicep 2>&1) && code=0 || code=$?
echo "lint ended with $code and said: ${said:-nothing}"
sed -i 's/maxAllowedAgeInDays/maxAgeInDays/; s/"maxAgeInDays": 1/"maxAgeInDays": 30/' bicepconfig.json
told=$("$bicep" lint main.bicep 2>&1) || true
echo "with the option's right name: ${told:0:200}"
[ "$code" = 0 ] && [ -z "$said" ] && [[ $told == *use-recent-api-versions* ]]
