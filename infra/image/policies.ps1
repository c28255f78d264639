# Baked into the clean image: what a forensic desktop may and may not do. Every line leaves a trace in the registry that
# validate.ps1 checks.
$ErrorActionPreference = 'Stop'

function Set-Policy([string]$Key, [string]$Name, [int]$Value) {
  New-Item -Path $Key -Force | Out-Null
  New-ItemProperty -Path $Key -Name $Name -Value $Value -PropertyType DWord -Force | Out-Null
}

function Set-PolicyList([string]$Key, [string[]]$Values) {
  New-Item -Path $Key -Force | Out-Null
  for ($i = 0; $i -lt $Values.Length; $i++) {
    New-ItemProperty -Path $Key -Name "$($i + 1)" -Value $Values[$i] -PropertyType String -Force | Out-Null
  }
}

$terminal = 'HKLM:\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services'

# A QR code with the connection's id over the picture: a photograph of the screen leads back to the session.
Set-Policy $terminal 'fEnableWatermarking' 1
Set-Policy $terminal 'WatermarkingOpacity' 700
Set-Policy $terminal 'WatermarkingQrScale' 4
Set-Policy $terminal 'WatermarkingWidthFactor' 320
Set-Policy $terminal 'WatermarkingHeightFactor' 180

# Capture protection would also blind the recorder inside.
Set-Policy $terminal 'fEnableScreenCaptureProtect' 0

# The pool's RDP properties say the same; a client that ignores them meets this.
Set-Policy $terminal 'fDisableCdm' 1
Set-Policy $terminal 'fDisableClip' 1
Set-Policy $terminal 'fDisableLPT' 1
Set-Policy $terminal 'fDisableCpm' 1
Set-Policy $terminal 'fDisablePNPRedir' 1
Set-Policy $terminal 'fDisableAudioCapture' 1
Set-Policy $terminal 'fDisableCameraRedir' 1

# A disconnected desktop shows nothing to record: it ends after a minute, and so does an idle one after half an hour.
Set-Policy $terminal 'MaxDisconnectionTime' 60000
Set-Policy $terminal 'MaxIdleTime' 1800000
Set-Policy $terminal 'fResetBroken' 1

# Nothing installs or changes itself during a session.
Set-Policy 'HKLM:\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU' 'NoAutoUpdate' 1
Set-Policy 'HKLM:\SOFTWARE\Policies\Microsoft\WindowsStore' 'AutoDownload' 2
Set-Policy 'HKLM:\SOFTWARE\Policies\Microsoft\Edge' 'SyncDisabled' 1
Set-Policy 'HKLM:\SOFTWARE\Policies\Microsoft\Edge' 'BrowserSignin' 0
Set-Policy 'HKLM:\SOFTWARE\Policies\Microsoft\Edge' 'PasswordManagerEnabled' 0
Set-Policy 'HKLM:\SOFTWARE\Policies\Microsoft\Edge' 'HideFirstRunExperience' 1

# What the page shows is what came: nobody edits it, and nothing but the page runs in it.
$edge = 'HKLM:\SOFTWARE\Policies\Microsoft\Edge'
Set-Policy $edge 'DeveloperToolsAvailability' 2
Set-PolicyList "$edge\URLBlocklist" @('javascript:*', 'file:*', 'devtools:*', 'view-source:*', 'edge:*', 'chrome-extension:*', 'ftp:*')
Set-PolicyList "$edge\ExtensionInstallBlocklist" @('*')
Set-Policy $edge 'BlockExternalExtensions' 1
Set-Policy $edge 'InPrivateModeAvailability' 1
Set-Policy $edge 'BrowserGuestModeEnabled' 0
Set-Policy $edge 'BrowserAddProfileEnabled' 0
Set-Policy $edge 'AutofillAddressEnabled' 0
Set-Policy $edge 'AutofillCreditCardEnabled' 0
Set-Policy $edge 'BackgroundModeEnabled' 0
Set-Policy $edge 'TranslateEnabled' 0
Set-Policy $edge 'QuicAllowed' 0

# The clock: legal time comes from authorities, but the desktop's own must not wander.
Set-Policy 'HKLM:\SYSTEM\CurrentControlSet\Services\w32time\Config' 'MaxPosPhaseCorrection' 3600
Set-Policy 'HKLM:\SYSTEM\CurrentControlSet\Services\w32time\Config' 'MaxNegPhaseCorrection' 3600

# The browser's and other programs' own updaters come with every marketplace image, as services and as tasks that bring
# each other back: the policy is what holds.
Set-Policy 'HKLM:\SOFTWARE\Policies\Microsoft\EdgeUpdate' 'UpdateDefault' 0
Get-Service 'edgeupdate', 'edgeupdatem' -ErrorAction SilentlyContinue | Set-Service -StartupType Disabled
Get-ScheduledTask | Where-Object { $_.TaskPath -notlike '\Microsoft\*' } | Disable-ScheduledTask | Out-Null
