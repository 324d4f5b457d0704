#!/bin/sh
# Removing keeps settings and data, and whether the service starts with the machine. deb: "purge" forgets them all.
# An rpm knows no purge: /etc/yaolink and /var/lib/yaolink-agent stay until somebody deletes them.
set -e
case "$1" in
    purge)
        rm -rf /etc/yaolink /var/lib/yaolink-agent
        rm -f /etc/systemd/system/multi-user.target.wants/yaolink-agent.service
        if getent passwd yaolink >/dev/null; then
            userdel yaolink
        fi
        ;;
    0)
        rm -f /etc/systemd/system/multi-user.target.wants/yaolink-agent.service
        ;;
esac
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
fi
