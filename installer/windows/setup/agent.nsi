; yaolink-agent-setup.exe for NSIS 3: installs, repairs, upgrades; its uninstaller takes all away again.
;
;   yaolink-agent-setup.exe /S /CONFIG=store.toml [/D=C:\folder]     (/D has to be the last word, without quotes)
;   uninstall.exe /S [/PURGE]
;
; Given by installer/windows/setup/making.py: VERSION, VERSION4 (four numbers), FROZEN (the frozen program's folder),
; OUT, SERVICE_SID (the SID of the service's own account), and SIGN (a command that signs the file it is given), if any.

Unicode true
Target amd64-unicode
SetCompressor /SOLID lzma
ManifestSupportedOS Win10
ManifestDPIAware true
RequestExecutionLevel admin

!define PRODUCT "Yaolink"
!define SERVICE "YaolinkAgent"
!define SERVICE_KEY "SYSTEM\CurrentControlSet\Services\${SERVICE}"
!define EVENTS_KEY "SYSTEM\CurrentControlSet\Services\EventLog\Application\${SERVICE}"
!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\${PRODUCT}"
!define RUN_KEY "Software\Microsoft\Windows\CurrentVersion\Run"

; Exit codes, for those who install on hundreds of PCs. 0: done; 1: the user cancelled.
!define NO_RIGHTS 10
!define WRONG_WINDOWS 11
!define BAD_SETTINGS 12
!define FILES_IN_USE 13
!define NO_SERVICE 14
!define NOT_STARTED 15
!define NO_ROOM 16
!define BAD_FOLDER 17

!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh
!include WinVer.nsh
!include WordFunc.nsh
!include x64.nsh

Name "${PRODUCT}"
OutFile "${OUT}"
InstallDir "$PROGRAMFILES64\Yaolink"
InstallDirRegKey HKLM "${UNINSTALL_KEY}" "InstallLocation"
BrandingText "${PRODUCT} ${VERSION}"
VIProductVersion "${VERSION4}"
VIAddVersionKey "ProductName" "${PRODUCT}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "Yaolink agent setup"
VIAddVersionKey "FileVersion" "${VERSION4}"
VIAddVersionKey "LegalCopyright" "The Yaolink maintainers, Apache-2.0"

!ifdef SIGN
  !finalize '${SIGN} "%1"' = 0
  !uninstfinalize '${SIGN} "%1"' = 0
!endif

!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_TEXT "$(DONE)"
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "SimpChinese"
!insertmacro MUI_LANGUAGE "English"

Var Config    ; the settings file given with /CONFIG=, or nothing
Var Data      ; %PROGRAMDATA%\Yaolink
Var Upgrading ; 1 when a version is there already, the same one included

!insertmacro WordFind
!insertmacro WordReplace
!insertmacro un.WordFind
!include "words.nsh"
!include "steps.nsh"
!include "service.nsh"

Function .onInit
  Call CheckPlace
  ${GetParameters} $R0
  ${WordReplace} $R0 '"' "" "+" $R0 ; around the file, or as PowerShell puts them around the whole word
  ClearErrors
  ${GetOptions} $R0 "/CONFIG=" $R1
  ${IfNot} ${Errors}
    GetFullPathName $Config $R1
    ${IfNot} ${FileExists} $Config
      !insertmacro Fail ${BAD_SETTINGS} "$(NO_SUCH_FILE) $R1"
    ${EndIf}
  ${EndIf}
FunctionEnd

Function un.onInit
  Call un.CheckPlace
FunctionEnd

Section
  Call CheckFolder
  Call Unpack
  Call ProtectData
  Call WriteSettings
  Call StopService
  Call EndTray
  Call SwapFolders
  Call RegisterService
  Call Announce
  Call StartService
  RMDir /r "$INSTDIR.old"
SectionEnd

Section "Uninstall"
  Call un.StopService
  Call un.EndTray
  Call un.RemoveService
  DeleteRegValue HKLM "${RUN_KEY}" "${PRODUCT}"
  DeleteRegKey HKLM "${EVENTS_KEY}"
  Delete "$SMPROGRAMS\药联 Yaolink.lnk"
  SetOutPath "$TEMP" ; a folder that somebody is in cannot be removed
  Delete "$INSTDIR\yaolink-agent.exe"
  Delete "$INSTDIR\yaolink-tray.exe"
  Delete "$INSTDIR\agent.toml"
  Delete "$INSTDIR\uninstall.exe"
  RMDir /r "$INSTDIR\_internal"
  RMDir /r "$INSTDIR\documents"
  RMDir "$INSTDIR" ; only when nothing of anybody else's is in it
  Call un.PurgeIfWished
  DeleteRegKey HKLM "${UNINSTALL_KEY}"
SectionEnd
