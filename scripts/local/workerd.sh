#!/bin/sh
# Starts workerd deaf to Ctrl-C, which a terminal sends to every process of the group: the server above it stops it when
# the requests in flight have been answered.
trap '' INT HUP
exec "$FIELDPOST_WORKERD" "$@"
