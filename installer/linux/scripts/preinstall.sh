#!/bin/sh
# Before files are replaced: the program must not run while its libraries change.
set -e
if [ -d /run/systemd/system ] && systemctl is-active --quiet yaolink-agent.service; then
    systemctl stop yaolink-agent.service
fi
