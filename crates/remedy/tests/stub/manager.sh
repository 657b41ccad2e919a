#!/bin/sh
# A stand-in for launchctl and systemctl. It is called through a link named like one of them, in a folder that holds
# its state and its orders:
#   log           every call, one line each
#   orders/VERB   exit codes for the next calls of that verb, one line each; "5 for ever", "1 says WORDS for ever", or "hang"
#   drain         how many more questions a service that was told to end still answers with "loaded"
#   loaded        exists while the service is loaded (launchd) or active (systemd)
#   enabled       exists while it is enabled (systemd)
# Without orders it does what the real one would do.
here=${0%/*}
name=${0##*/}
echo "$*" >>"$here/log"
while :; do case $1 in -*) shift ;; *) break ;; esac; done
verb=$1
now=false
[ "$2" = --now ] && now=true

orders=$here/orders/$verb
if [ -s "$orders" ]; then
    {
        read -r order
        rest=$(cat)
    } <"$orders"
    case $order in
    hang)
        # A child that would outlive us, but for the group.
        sleep 600 &
        echo $! >"$here/child"
        wait
        ;;
    *" for ever") ;;
    *) if [ -n "$rest" ]; then echo "$rest" >"$orders"; else rm "$orders"; fi ;;
    esac
    code=${order%% *}
    case $order in
    *" says "*)
        says=${order#* says }
        echo "${says% for ever}" >&2
        ;;
    *) echo "ordered to answer $code" >&2 ;;
    esac
    [ "$code" -eq 0 ] || exit "$code"
fi

case $name:$verb in
launchctl:print)
    [ -e "$here/loaded" ] && exit 0
    [ -s "$here/drain" ] || exit 113
    read -r left <"$here/drain"
    if [ "$left" -gt 0 ]; then
        echo $((left - 1)) >"$here/drain"
        exit 0
    fi
    exit 113
    ;;
launchctl:bootout)
    [ -e "$here/loaded" ] || exit 3
    rm "$here/loaded"
    ;;
launchctl:bootstrap)
    [ -e "$here/loaded" ] && exit 5
    [ -s "$here/drain" ] && read -r left <"$here/drain" && [ "$left" -gt 0 ] && exit 5
    [ -f "$3" ] || exit 2
    cp "$3" "$here/loaded"
    ;;
launchctl:enable) ;;
launchctl:kickstart) [ -e "$here/loaded" ] || exit 113 ;;
systemctl:is-active) [ -e "$here/loaded" ] || exit 3 ;;
systemctl:is-enabled) [ -e "$here/enabled" ] || exit 1 ;;
systemctl:daemon-reload) cp "$here"/units/goplswatch.service "$here/known" 2>/dev/null || rm -f "$here/known" ;;
systemctl:enable)
    # By its path, so that it does not matter where the manager looks.
    for file; do :; done
    [ -f "$file" ] && [ -e "$here/known" ] || exit 1
    : >"$here/enabled"
    if $now && [ ! -e "$here/loaded" ]; then cp "$here/known" "$here/loaded"; fi
    ;;
systemctl:disable)
    rm -f "$here/enabled"
    if $now; then rm -f "$here/loaded"; fi
    ;;
systemctl:stop) rm -f "$here/loaded" ;;
systemctl:start)
    [ -e "$here/known" ] || exit 5
    [ -e "$here/loaded" ] || cp "$here/known" "$here/loaded"
    ;;
systemctl:restart)
    [ -e "$here/known" ] || exit 5
    cp "$here/known" "$here/loaded"
    ;;
*) exit 64 ;;
esac
exit 0
