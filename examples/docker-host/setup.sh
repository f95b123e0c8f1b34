# A host that runs containers: two on Docker's default bridge, a database on a
# network of its own, which has a foot in the default bridge of none.
#
#   web 172.17.0.2 ─┐
#   app 172.17.0.3 ─┴ docker0 ────────┐ 172.17.0.1
#                                    [fw] eth0 192.0.2.10 ── net 192.0.2.1, which also holds
#   db  172.18.0.2 ── br-4f2a9c6d1e80 ┘ 172.18.0.1             192.0.2.20 (an admin) and
#                                                             198.51.100.5, .6: the Internet
. "$(dirname "$0")/../lib.sh"
for n in fw web app db net; do namespace $n v4; done
# bridge NAME ADDRESS
bridge() {
	at fw ip link add $1 type bridge mcast_snooping 0
	at fw ip addr add $2 dev $1
	at fw ip link set $1 up
}
# container NAME VETH BRIDGE ADDRESS GATEWAY: without the userland proxy, Docker
# lets a bridge send a frame back where it came from (hairpin).
container() {
	cable fw $2 $1 eth0
	at fw ip link set $2 master $3
	at fw ip link set $2 type bridge_slave hairpin on
	at $1 ip addr add $4 dev eth0
	at $1 ip route add default via $5
}
at fw sysctl -qw net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1
bridge docker0 172.17.0.1/16
bridge br-4f2a9c6d1e80 172.18.0.1/16
container web veth1a2b3c4 docker0 172.17.0.2/16 172.17.0.1
container app veth5d6e7f8 docker0 172.17.0.3/16 172.17.0.1
container db veth9a0b1c2 br-4f2a9c6d1e80 172.18.0.2/16 172.18.0.1
cable fw eth0 net eth0
at fw ip addr add 192.0.2.10/24 dev eth0
at fw ip route add default via 192.0.2.1
at net ip addr add 192.0.2.1/24 dev eth0
at net ip addr add 192.0.2.20/24 dev eth0
for a in 198.51.100.5 198.51.100.6; do at net ip addr add $a/32 dev lo; done
at net ip route add 172.17.0.0/16 via 192.0.2.10 # which a neighbour of the host may try
warm fw 172.17.0.2 172.17.0.3 172.18.0.2 192.0.2.1 192.0.2.20
warm web 172.17.0.1 172.17.0.3
warm app 172.17.0.1 172.17.0.2
warm db 172.18.0.1
