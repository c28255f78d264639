# Baked into the clean image: agents and recorder from the files that the image builder downloaded and checked, and the
# script that a session starts with.
$ErrorActionPreference = 'Stop'
$setup = 'C:\Notary\setup'

# Installed, not registered: the token comes with the session.
Copy-Item "$setup\agent.msi" 'C:\Notary\agent.msi'
Copy-Item "$setup\bootloader.msi" 'C:\Notary\bootloader.msi'
Expand-Archive -Path "$setup\recorder.zip" -DestinationPath 'C:\Notary\recorder' -Force
if (-not (Test-Path 'C:\Notary\recorder\Notary.Recorder.exe')) { throw 'the recorder package has no Notary.Recorder.exe' }
New-EventLog -LogName Application -Source 'NotaryRecorder' -ErrorAction SilentlyContinue

@'
param([string]$RegistrationToken, [string]$SessionId, [string]$Platform, [string]$RecorderKey)
$ErrorActionPreference = 'Stop'

# One machine, one session: a second start means that somebody reuses it, and a reused machine proves nothing.
$mark = 'C:\Notary\session.json'
if (Test-Path $mark) { throw 'this machine has had its session' }

# Success of the join extension does not mean joined.
for ($i = 0; $i -lt 60 -and -not ((dsregcmd /status) -match 'AzureAdJoined : YES'); $i++) { Start-Sleep -Seconds 5 }
if (-not ((dsregcmd /status) -match 'AzureAdJoined : YES')) { throw 'the machine has not joined Entra' }

@{ sessionId = $SessionId; platform = $Platform; startedAt = (Get-Date).ToUniversalTime().ToString('o') } | ConvertTo-Json | Set-Content -Path $mark -Encoding utf8
Set-Content -Path 'C:\Notary\recorder\key' -Value $RecorderKey -NoNewline
icacls 'C:\Notary\recorder\key' /inheritance:r /grant 'SYSTEM:(R)' | Out-Null

# The recorder must be there before anybody can log on; it starts in the person's own session.
schtasks /Create /TN 'NotaryRecorder' /TR 'C:\Notary\recorder\Notary.Recorder.exe --session C:\Notary\session.json' /SC ONLOGON /RL HIGHEST /F | Out-Null

$agent = Start-Process msiexec.exe -Wait -PassThru -ArgumentList '/i', 'C:\Notary\agent.msi', '/quiet', '/qn', '/norestart', "REGISTRATIONTOKEN=$RegistrationToken"
if ($agent.ExitCode -ne 0) { throw "the agent's installer ended with $($agent.ExitCode)" }
$boot = Start-Process msiexec.exe -Wait -PassThru -ArgumentList '/i', 'C:\Notary\bootloader.msi', '/quiet', '/qn', '/norestart'
if ($boot.ExitCode -ne 0) { throw "the boot loader's installer ended with $($boot.ExitCode)" }
'@ | Set-Content -Path 'C:\Notary\start-session.ps1' -Encoding utf8

Remove-Item $setup -Recurse -Force
