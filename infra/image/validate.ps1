# Run in the finished image before it is distributed: what is not there, fails the build.
$ErrorActionPreference = 'Stop'

foreach ($file in 'agent.msi', 'bootloader.msi', 'start-session.ps1', 'agent.ps1', 'recorder\notary-recorder.exe', 'recorder\ffmpeg.exe', 'recorder\image.json') {
  if (-not (Test-Path "C:\Notary\$file")) { throw "C:\Notary\$file is missing" }
}
if (Test-Path 'C:\Notary\session.json') { throw 'the image has had a session' }

$terminal = Get-ItemProperty 'HKLM:\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services'
if ($terminal.fEnableWatermarking -ne 1) { throw 'the watermark is off' }
if ($terminal.fDisableCdm -ne 1 -or $terminal.fDisableClip -ne 1) { throw 'redirection is on' }

# The page cannot be edited.
$edge = 'HKLM:\SOFTWARE\Policies\Microsoft\Edge'
if ((Get-ItemProperty $edge).DeveloperToolsAvailability -ne 2) { throw 'developer tools are on' }
foreach ($list in @{ URLBlocklist = 'javascript:*'; ExtensionInstallBlocklist = '*' }.GetEnumerator()) {
  if ((Get-ItemProperty "$edge\$($list.Key)").'1' -ne $list.Value) { throw "$($list.Key) does not begin with $($list.Value)" }
}

# Nothing else may start by itself. The browser's updater may be there and re-enable its tasks: it updates nothing.
if ((Get-ItemProperty 'HKLM:\SOFTWARE\Policies\Microsoft\EdgeUpdate').UpdateDefault -ne 0) { throw 'the browser updates itself' }
$foreign = Get-ScheduledTask | Where-Object {
  $_.TaskPath -notlike '\Microsoft\*' -and $_.TaskName -notlike 'MicrosoftEdgeUpdateTask*' -and $_.TaskName -ne 'NotaryRecorder' -and $_.State -ne 'Disabled'
}
if ($foreign) { $foreign | ForEach-Object { Write-Output $_.TaskName }; throw 'the image has scheduled tasks of its own' }
