# A switch that filters: a bridge without an address of its own, between a router
# and three hosts, each of which has a port.
#
#   pc      192.168.1.10 02:00:00:00:01:10 ── pc0    ┐
#   printer 192.168.1.20 02:00:00:00:01:20 ── print0 ┼─ [fw] up0 ── router 192.168.1.1, which also
#   guest   192.168.1.66 02:00:00:00:01:66 ── guest0 ┘                     holds 198.51.100.10
. "$(dirname "$0")/../lib.sh"
for n in fw pc printer router; do namespace $n v4; done
namespace guest
at fw ip link add br0 type bridge mcast_snooping 0
at fw ip link set br0 up
at fw sysctl -qw net.bridge.bridge-nf-call-iptables=1
# port NAME PORT ADDRESS
port() {
	cable fw $2 $1 eth0
	at fw ip link set $2 master br0
	at $1 ip link set eth0 address 02:00:00:00:01:$(printf %02d ${3##*.})
	at $1 ip addr add $3/24 dev eth0
}
port router up0 192.168.1.1
port pc pc0 192.168.1.10
port printer print0 192.168.1.20
port guest guest0 192.168.1.66
at router ip addr add 198.51.100.10/32 dev lo
for n in pc printer guest; do
	at $n ip route add default via 192.168.1.1
	warm $n 192.168.1.1
done
warm pc 192.168.1.20
