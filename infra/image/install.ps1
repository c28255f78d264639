# Baked into the clean image: agents and recorder from the files that the image builder downloaded and checked, and the
# script that a session starts with.
$ErrorActionPreference = 'Stop'
$setup = 'C:\Notary\setup'

# Installed, not registered: the token comes with the session.
Copy-Item "$setup\agent.msi" 'C:\Notary\agent.msi'
Copy-Item "$setup\bootloader.msi" 'C:\Notary\bootloader.msi'
Expand-Archive -Path "$setup\recorder.zip" -DestinationPath 'C:\Notary\recorder' -Force
foreach ($file in 'notary-recorder.exe', 'ffmpeg.exe') {
  if (-not (Test-Path "C:\Notary\recorder\$file")) { throw "the recorder package has no $file" }
}
# Nobody but SYSTEM and administrators reads or writes what records, its key or the recording.
icacls 'C:\Notary' /inheritance:r /grant 'SYSTEM:(OI)(CI)F' 'Administrators:(OI)(CI)F' | Out-Null
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

# The recorder must be there before anybody can log on: as SYSTEM, outside of the person's session.
Start-ScheduledTask -TaskName 'NotaryRecorder'

$agent = Start-Process msiexec.exe -Wait -PassThru -ArgumentList '/i', 'C:\Notary\agent.msi', '/quiet', '/qn', '/norestart', "REGISTRATIONTOKEN=$RegistrationToken"
if ($agent.ExitCode -ne 0) { throw "the agent's installer ended with $($agent.ExitCode)" }
$boot = Start-Process msiexec.exe -Wait -PassThru -ArgumentList '/i', 'C:\Notary\bootloader.msi', '/quiet', '/qn', '/norestart'
if ($boot.ExitCode -ne 0) { throw "the boot loader's installer ended with $($boot.ExitCode)" }
'@ | Set-Content -Path 'C:\Notary\start-session.ps1' -Encoding utf8

# What the task runs: the arguments are in the file that the session's start leaves.
@'
$session = Get-Content 'C:\Notary\session.json' -Raw | ConvertFrom-Json
& 'C:\Notary\recorder\notary-recorder.exe' agent --session $session.sessionId --platform $session.platform `
  --key-file 'C:\Notary\recorder\key' --out 'C:\Notary\recording' 2>> 'C:\Notary\agent.log'
'@ | Set-Content -Path 'C:\Notary\agent.ps1' -Encoding utf8
$action = New-ScheduledTaskAction -Execute 'powershell.exe' -Argument '-NoProfile -ExecutionPolicy Bypass -File C:\Notary\agent.ps1'
$settings = New-ScheduledTaskSettingsSet -ExecutionTimeLimit ([TimeSpan]::Zero)
Register-ScheduledTask -TaskName 'NotaryRecorder' -Action $action -Settings $settings -User 'SYSTEM' -RunLevel Highest -Force | Out-Null

Remove-Item $setup -Recurse -Force

# Last: what the image holds now is what its machines are measured against.
& 'C:\Notary\recorder\notary-recorder.exe' image
if ($LASTEXITCODE -ne 0) { throw 'the image has not been written down' }
