; The steps around files and data. A step that fails leaves a running agent where there was one, and ends with its code.

!macro Fail code words
  DetailPrint "${words}"
  MessageBox MB_OK|MB_ICONSTOP "${words}" /SD IDOK
  SetErrorLevel ${code}
  Quit
!macroend

; Runs a program without a window; $0 gets its exit code ("error" if it cannot be run), $1 what it said.
!macro Do command
  nsExec::ExecToStack `${command}`
  Pop $0
  Pop $1
  DetailPrint "$1"
!macroend

!macro CheckPlace un
Function ${un}CheckPlace
  SetRegView 64
  SetShellVarContext all
  StrCpy $Data "$APPDATA\Yaolink"
  ${IfNot} ${RunningX64}
  ${OrIfNot} ${AtLeastWin10}
    !insertmacro Fail ${WRONG_WINDOWS} "$(NEEDS_WINDOWS_10)"
  ${EndIf}
  UserInfo::GetAccountType
  Pop $0
  ${If} $0 != "Admin"
    !insertmacro Fail ${NO_RIGHTS} "$(NEEDS_ADMIN)"
  ${EndIf}
FunctionEnd

; The tray's next start is at log-on: an installer that a fleet's tool runs cannot reach into a user's session.
Function ${un}EndTray
  !insertmacro Do '"$SYSDIR\taskkill.exe" /F /IM yaolink-tray.exe'
FunctionEnd
!macroend
!insertmacro CheckPlace ""
!insertmacro CheckPlace "un."

; The whole folder will be ours, so it must be ours or empty now.
Function CheckFolder
  ${If} ${FileExists} "$INSTDIR\yaolink-agent.exe"
    StrCpy $Upgrading 1
  ${Else}
    ${DirState} "$INSTDIR" $0
    ${If} $0 = 1
      !insertmacro Fail ${BAD_FOLDER} "$(FOLDER_NOT_OURS) $INSTDIR"
    ${EndIf}
  ${EndIf}
FunctionEnd

; Beside the version that runs, which is not disturbed until all files are there.
Function Unpack
  RMDir /r "$INSTDIR.new"
  ClearErrors
  SetOutPath "$INSTDIR.new"
  File /r "${FROZEN}\*"
  WriteUninstaller "$INSTDIR.new\uninstall.exe"
  SetOutPath "$TEMP" ; a folder that somebody is in cannot be renamed
  ${If} ${Errors}
    RMDir /r "$INSTDIR.new"
    !insertmacro Fail ${NO_ROOM} "$(NO_SPACE) $INSTDIR"
  ${EndIf}
FunctionEnd

; Two renames. Antivirus programs look into new files for a moment, so each is tried for ten seconds.
Function SwapFolders
  RMDir /r "$INSTDIR.old"
  ${If} $Upgrading = 1
    Push "$INSTDIR.old"
    Push "$INSTDIR"
    Call RenamePatiently
    ${If} ${Errors}
      RMDir /r "$INSTDIR.new"
      Call LetRun
      !insertmacro Fail ${FILES_IN_USE} "$(IN_USE)"
    ${EndIf}
  ${Else}
    RMDir "$INSTDIR"
  ${EndIf}
  Push "$INSTDIR"
  Push "$INSTDIR.new"
  Call RenamePatiently
  ${If} ${Errors}
    Rename "$INSTDIR.old" "$INSTDIR"
    RMDir /r "$INSTDIR.new"
    Call LetRun
    !insertmacro Fail ${FILES_IN_USE} "$(IN_USE)"
  ${EndIf}
FunctionEnd

; From what is on top of the stack to what is below it; the error flag says whether it worked.
Function RenamePatiently
  Exch $1
  Exch
  Exch $2
  ${For} $0 1 20
    ClearErrors
    Rename $1 $2
    ${IfNot} ${Errors}
      ${Break}
    ${EndIf}
    Sleep 500
    SetErrors
  ${Next}
  Pop $2
  Pop $1
FunctionEnd

; The service's account works with the data, administrators too, nobody else looks; the signed-in user reads `run`,
; where the tray's token is. Whoever made the folder before us loses it.
Function ProtectData
  CreateDirectory "$Data\data"
  CreateDirectory "$Data\run"
  !insertmacro Do '"$SYSDIR\icacls.exe" "$Data" /setowner *S-1-5-32-544 /T /C /L /Q'
  !insertmacro Do '"$SYSDIR\icacls.exe" "$Data" /inheritance:r /grant:r "*S-1-5-18:(OI)(CI)F" "*S-1-5-32-544:(OI)(CI)F" "*${SERVICE_SID}:(OI)(CI)M" /Q'
  !insertmacro Do '"$SYSDIR\icacls.exe" "$Data\run" /grant:r "*S-1-5-4:(OI)(CI)R" /Q'
FunctionEnd

; The settings of before stay. Without a file to take them from, a new store gets the ones that ship. The new program
; writes them while the old one still runs: what it refuses has changed nothing.
Function WriteSettings
  ${If} $Config == ""
    ${If} ${FileExists} "$Data\agent.toml"
      Return
    ${EndIf}
    StrCpy $Config "$INSTDIR.new\agent.toml"
  ${EndIf}
  !insertmacro Do '"$INSTDIR.new\yaolink-agent.exe" configure --from "$Config"'
  ${If} $0 != 0
    RMDir /r "$INSTDIR.new"
    RMDir "$Data\data"
    RMDir "$Data\run"
    RMDir "$Data"
    !insertmacro Fail ${BAD_SETTINGS} "$(SETTINGS_REFUSED) $1"
  ${EndIf}
FunctionEnd

; What Windows shows and starts.
Function Announce
  WriteRegStr HKLM "${RUN_KEY}" "${PRODUCT}" '"$INSTDIR\yaolink-tray.exe"'
  CreateShortCut "$SMPROGRAMS\药联 Yaolink.lnk" "$INSTDIR\yaolink-tray.exe"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "DisplayName" "药联门店助手 ${PRODUCT}"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\yaolink-tray.exe"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "Publisher" "The Yaolink maintainers"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKLM "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKLM "${UNINSTALL_KEY}" "NoModify" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD HKLM "${UNINSTALL_KEY}" "EstimatedSize" $0
FunctionEnd

; Data are removed only when asked for: by /PURGE, or by a click.
Function un.PurgeIfWished
  ${GetParameters} $R0
  ClearErrors
  ${GetOptions} $R0 "/PURGE" $R1
  ${IfNot} ${Errors}
    RMDir /r "$Data"
    Return
  ${EndIf}
  MessageBox MB_YESNO|MB_DEFBUTTON2 "$(ALSO_DATA)" /SD IDNO IDNO keep
  RMDir /r "$Data"
  keep:
FunctionEnd
