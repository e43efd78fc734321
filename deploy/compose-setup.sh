#!/bin/sh
# Founds the federation of docker-compose.yml: the same ceremony as in real life, with all parts in one hand.
#
#   compose-setup.sh FOLDER [NODE...]
#
# FOLDER gets `federation`, one folder for each node, and `broker`. Nothing happens where that is done already; a run
# that was cut short begins anew. For a trial only: in a real federation each node makes its keys on its own machine,
# and the holders' keys are kept apart.
set -eu

folder=$1
shift
[ $# -gt 0 ] || set -- EC IT CY DE
broker=rabbitmq

if [ -e "$folder/broker/definitions.json" ]; then
    echo "The federation is there already."
    exit
fi
for part in federation broker "$@"; do
    mkdir -p "$folder/$part"
    find "$folder/$part" -mindepth 1 -delete
done

imi federation create "$folder/federation" --holder "First holder" --holder "Second holder" --threshold 2
for node in "$@"; do
    imi node init "$folder/$node" --id "$node" --broker "amqps://$broker:5671" \
        --authority "coordinator=IMI coordinator of $node" --coordinator coordinator
    imi federation admit "$folder/federation" "$folder/$node/application.jws"
done
imi federation publish "$folder/federation" \
    --key "$folder/federation/holders/holder-1.json" --key "$folder/federation/holders/holder-2.json"
for node in "$@"; do
    imi node join "$folder/$node" "$folder/federation/admitted/$node"
done
# Last, for it is the sign that all is done.
imi broker papers "$folder/broker" --federation "$folder/federation" --host "$broker" --host localhost

if [ "$(id -u)" = 0 ]; then
    for node in "$@"; do chown -R "${NODE_OWNER:-10001:10001}" "$folder/$node"; done
    chown -R "${BROKER_OWNER:-999:999}" "$folder/broker"
fi
