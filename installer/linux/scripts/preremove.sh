#!/bin/sh
# deb: "remove", or "upgrade", which the new version's preinstall sees to; rpm: how many versions stay.
set -e
case "$1" in
    remove | 0)
        if [ -d /run/systemd/system ]; then
            systemctl stop yaolink-agent.service
        fi
        ;;
esac
