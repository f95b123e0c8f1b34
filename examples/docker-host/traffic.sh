# A day of a host with containers.
. "$(dirname "$0")/../lib.sh"
host=192.0.2.10 alice=198.51.100.5 bob=198.51.100.6
web web 80
web db 5432 # stands for a database
web net 80
talk fw 22 -s $host
get() { local n=$1 u=$2; shift 2; at $n curl -sS --max-time 1 "$@" http://$u/index.html; }

# The world at the published ports: the web, not the database; nor too often.
get net $host:8080 --interface $alice
get net $host:5432 --interface $alice || true
for i in 1 2 3 4; do get net $host:8080 --interface $bob || test $i = 4; done
get net $host:5432 --interface 192.0.2.20 # the admin may

# Containers go out, and meet each other: on one bridge, by the published port,
# themselves by the published port, and across bridges.
get app $alice
get app $bob || true # not there
at app ping -n -c 2 -i 0.3 $alice
get app 172.17.0.2
at app ping -n -c 1 172.17.0.2
get app $host:8080
get web $host:8080
get app 172.18.0.2:5432 || true
get app $host:5432 || true

# The host itself.
printf 'SSH-2.0-client\r\n' | at net nc -w 2 -s 192.0.2.20 $host 22
at net nc -z -w 1 -s $alice $host 22 || true
at net ping -n -c 2 -i 0.3 -I $alice $host
at app ping -n -c 1 172.17.0.1
at app nc -z -w 1 172.17.0.1 22 || true

# A neighbour goes around the published port.
get net 172.17.0.2:80 || true
