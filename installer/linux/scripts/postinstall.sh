#!/bin/sh
# deb: "configure" with the version before, if any, or "abort-…"; rpm: the number of versions installed, now 1 or 2.
set -e
case "$1:$2" in
    configure: | 1:*) first=yes ;;
    *) first=no ;;
esac

systemd-sysusers /usr/lib/sysusers.d/yaolink-agent.conf
install -d -o yaolink -g yaolink -m 0755 /etc/yaolink
if [ ! -e /etc/yaolink/agent.toml ]; then
    from="${YAOLINK_CONFIG:-/etc/yaolink/store.toml}"
    if [ -z "$YAOLINK_CONFIG" ] && [ ! -e "$from" ]; then
        from=/usr/share/yaolink-agent/agent.toml
    fi
    /usr/bin/yaolink-agent configure --from "$from" --owner yaolink
fi

if [ "$first" = yes ]; then
    systemctl enable --quiet yaolink-agent.service
fi
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    if systemctl is-enabled --quiet yaolink-agent.service; then
        systemctl restart yaolink-agent.service ||
            echo "yaolink-agent is installed, but did not start: journalctl -u yaolink-agent says why" >&2
    fi
fi
