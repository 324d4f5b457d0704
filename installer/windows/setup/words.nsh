; What the installer says. Chinese first; Windows picks by the user's language.

!macro Words name chinese english
  LangString ${name} ${LANG_SIMPCHINESE} "${chinese}"
  LangString ${name} ${LANG_ENGLISH} "${english}"
!macroend

!insertmacro Words DONE "药联门店助手已安装并在后台运行。点任务栏右下角的药联图标打开页面；首次使用请在页面上输入总部给的配对码。" \
  "The Yaolink agent is installed and runs. Click its icon in the tray to open its page; a new store enters the code from headquarters there."
!insertmacro Words NEEDS_ADMIN "请以管理员身份运行安装程序。" "Run this as an administrator."
!insertmacro Words NEEDS_WINDOWS_10 "需要 64 位 Windows 10 或更高版本。" "This needs a 64-bit Windows 10 or later."
!insertmacro Words NO_SUCH_FILE "找不到配置文件：" "There is no such settings file:"
!insertmacro Words SETTINGS_REFUSED "配置文件有误，没有采用：" "The settings file was refused:"
!insertmacro Words FOLDER_NOT_OURS "此文件夹里有别的东西，请选一个空文件夹：" "Something else is in this folder; choose an empty one:"
!insertmacro Words NO_SPACE "文件写不进去（磁盘满，或被杀毒软件拦截）：" "The files cannot be written (disk full, or blocked by an antivirus):"
!insertmacro Words IN_USE "旧版本的文件正在使用，没有更新；旧版本继续运行。" "Files of the old version are in use. Nothing was changed; the old version goes on."
!insertmacro Words SERVICE_REFUSED "系统不接受服务登记：" "Windows does not take the service:"
!insertmacro Words NOT_RUNNING "已安装，但服务没有启动。原因见 Windows 事件日志（来源 YaolinkAgent）。" \
  "Installed, but the service does not start. The Windows event log (source YaolinkAgent) says why."
!insertmacro Words OLD_IS_BACK "新版本没有启动，已恢复旧版本。原因见 Windows 事件日志（来源 YaolinkAgent）。" \
  "The new version does not start; the old one is back. The Windows event log (source YaolinkAgent) says why."
!insertmacro Words ALSO_DATA "同时删除本店数据吗？包括未同步的订单记录、设置和配对，删除后无法恢复。" \
  "Remove this store's data too? Orders not yet told to headquarters, settings and pairing would be gone for good."
