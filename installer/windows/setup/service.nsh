; The service: registered, started, stopped, removed; and the way back to the version of before.

; $0 is 0 if the service is in this state. The states' names are the same in every language of Windows.
!macro IsService un state
  !insertmacro Do '"$SYSDIR\sc.exe" query ${SERVICE}'
  ClearErrors
  ${${un}WordFind} "$1" "${state}" "E+1{" $1
  StrCpy $0 0
  ${If} ${Errors}
    StrCpy $0 1
  ${EndIf}
!macroend

!macro StopService un
; A service that has not stopped by itself after half a minute is ended; its data survive that.
Function ${un}StopService
  ReadRegStr $0 HKLM "${SERVICE_KEY}" "ImagePath"
  ${If} $0 == ""
    Return
  ${EndIf}
  !insertmacro Do '"$SYSDIR\net.exe" stop ${SERVICE}'
  ${For} $2 1 30
    !insertmacro IsService "${un}" STOPPED
    ${If} $0 == 0
      Return
    ${EndIf}
    Sleep 1000
  ${Next}
  !insertmacro Do '"$SYSDIR\taskkill.exe" /F /IM yaolink-agent.exe'
FunctionEnd
!macroend
!insertmacro StopService ""
!insertmacro StopService "un."

; An account of its own that Windows makes and unmakes with the service: no password, no rights but this, and unlike
; LocalService shared with nobody (docs/windows.md).
Function RegisterService
  StrCpy $2 '"$INSTDIR\yaolink-agent.exe" service'
  StrCpy $3 'binPath= "\"$INSTDIR\yaolink-agent.exe\" service" start= auto obj= "NT SERVICE\${SERVICE}" DisplayName= "Yaolink agent (药联门店助手)"'
  ReadRegStr $0 HKLM "${SERVICE_KEY}" "ImagePath"
  ${If} $0 == ""
    !insertmacro Do '"$SYSDIR\sc.exe" create ${SERVICE} $3'
  ${ElseIf} $0 != $2
    !insertmacro Do '"$SYSDIR\sc.exe" config ${SERVICE} $3'
  ${Else}
    StrCpy $0 0
  ${EndIf}
  ${If} $0 != 0
    Call PutOldBack
    !insertmacro Fail ${NO_SERVICE} "$(SERVICE_REFUSED) $1"
  ${EndIf}
  !insertmacro Do '"$SYSDIR\sc.exe" description ${SERVICE} "Takes the store$\'s orders from headquarters and prints them. 接收总部订单并打印。"'
  !insertmacro Do '"$SYSDIR\sc.exe" failure ${SERVICE} reset= 86400 actions= restart/5000/restart/30000/restart/60000'
  !insertmacro Do '"$SYSDIR\sc.exe" failureflag ${SERVICE} 1'
  !insertmacro Do '"$SYSDIR\sc.exe" privs ${SERVICE} SeChangeNotifyPrivilege'
  ; EventCreate.exe has texts for the numbers 1 to 1000 that say what the event says; a library of ours would be held
  ; open by the event viewer and keep us from being upgraded.
  WriteRegExpandStr HKLM "${EVENTS_KEY}" "EventMessageFile" "%SystemRoot%\System32\EventCreate.exe"
  WriteRegDWORD HKLM "${EVENTS_KEY}" "TypesSupported" 7
FunctionEnd

; The service says that it runs when its page answers.
Function StartService
  Call LetRun
  ${If} $0 != 0
    ${If} ${FileExists} "$INSTDIR.old\yaolink-agent.exe"
      Call PutOldBack
      !insertmacro Fail ${NOT_STARTED} "$(OLD_IS_BACK)"
    ${EndIf}
    !insertmacro Fail ${NOT_STARTED} "$(NOT_RUNNING)"
  ${EndIf}
FunctionEnd

; $0 is 0 once it runs, and 1 if it stopped again or took too long. Windows refuses to start anything while it starts
; its own services ("database locked"), as it does when a start-up script installs us: so this is tried for a minute.
Function LetRun
  ${For} $2 1 20
    !insertmacro Do '"$SYSDIR\net.exe" start ${SERVICE}'
    ${If} $0 == 0
      ${Break}
    ${EndIf}
    !insertmacro IsService "" RUNNING
    ${If} $0 == 0
      Return
    ${EndIf}
    Sleep 3000
  ${Next}
  ${For} $2 1 120
    !insertmacro IsService "" RUNNING
    ${If} $0 == 0
      Return
    ${EndIf}
    !insertmacro IsService "" STOPPED
    ${If} $0 == 0
      ${Break}
    ${EndIf}
    Sleep 1000
  ${Next}
  StrCpy $0 1
FunctionEnd

; Where there was no old one, nothing is left. Keeps $1, the words of what failed.
Function PutOldBack
  ${IfNot} ${FileExists} "$INSTDIR.old\yaolink-agent.exe"
    RMDir /r "$INSTDIR"
    Return
  ${EndIf}
  Push $1
  Call StopService
  RMDir /r "$INSTDIR.new"
  Rename "$INSTDIR" "$INSTDIR.new"
  Rename "$INSTDIR.old" "$INSTDIR"
  RMDir /r "$INSTDIR.new"
  Call LetRun
  Pop $1
FunctionEnd

Function un.RemoveService
  !insertmacro Do '"$SYSDIR\sc.exe" delete ${SERVICE}'
FunctionEnd
