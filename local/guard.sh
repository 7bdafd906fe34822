#!/bin/sh
# guard.sh FOLDER COMMAND...: runs the command, tells its process id on standard output, and ends as it does. When
# whoever holds the other end of standard input is gone, the command is ended and FOLDER removed (unless it is empty
# text). What the command says goes to standard error.
folder=$1
shift
gone=
exec 4<&0
"$@" </dev/null >&2 4<&- &
command=$!
trap 'gone=yes; kill -TERM "$command" 2>/dev/null' USR1
(
    read -r _ <&4
    kill -USR1 $$
    sleep 10
    kill -KILL "$command"
) >/dev/null 2>&1 &
reader=$!
echo "$command"
exec >/dev/null
while kill -0 "$command" 2>/dev/null; do
    wait "$command"
    code=$?
done
kill "$reader" 2>/dev/null
[ -n "$gone" ] && [ -n "$folder" ] && rm -rf "$folder"
exit "${code:-1}"
