#!/bin/sh
# A stand-in for Apple's codesign, called through a link in the same folder as the one for launchctl:
#   log             every call, one line each, among launchctl's
#   orders/sign     exit codes for the next calls that sign, one line each, or "5 for ever"
#   orders/verify   the same for those that verify
# Without orders it does what the real one would do, with a checksum for a signature: it changes the program that it
# signs, seals what is in the bundle, and sees whether it is still so. Like the real one it knows the paths by itself.
here=${0%/*}
echo "codesign $*" >>"$here/log"
verb=verify
identifier=
while :; do
    case $1 in
    --sign) verb=sign && shift 2 ;;
    --identifier) identifier=$2 && shift 2 ;;
    --*) shift ;;
    *) break ;;
    esac
done
bundle=$1

orders=$here/orders/$verb
if [ -s "$orders" ]; then
    {
        read -r order
        rest=$(cat)
    } <"$orders"
    case $order in
    *" for ever") ;;
    *) if [ -n "$rest" ]; then echo "$rest" >"$orders"; else rm "$orders"; fi ;;
    esac
    echo "ordered to answer ${order%% *}" >&2
    exit "${order%% *}"
fi

contents=$bundle/Contents
program=$contents/MacOS/goplswatch
seal=$contents/_CodeSignature/CodeResources
sum() { (cd "$contents" && find . -type f ! -path './_CodeSignature/*' -exec cksum {} + | sort); }

case $verb in
sign)
    [ -x "$program" ] && [ -f "$contents/Info.plist" ] || exit 1
    echo "signed as $identifier" >>"$program"
    mkdir -p "${seal%/*}"
    sum >"$seal"
    ;;
verify)
    [ -f "$seal" ] && [ "$(sum)" = "$(cat "$seal")" ] || exit 1
    grep -q 'signed as dev.goplswatch.agent' "$program" || exit 1
    ;;
esac
exit 0
