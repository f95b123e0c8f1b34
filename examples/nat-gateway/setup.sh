# An office behind one public address, with two servers and a telephone of its own.
#
#   pc    192.168.10.10 ─┐
#   files 192.168.10.21 ─┤
#   web   192.168.10.80 ─┼ switch ── lan0 [fw] wan0 ── isp 203.0.113.1, which also holds
#   phone 192.168.10.60 ─┘             .1      203.0.113.7   198.51.100.0/24: the Internet
. "$(dirname "$0")/../lib.sh"
for n in fw switch pc files web phone isp; do namespace $n v4; done
cable fw lan0 switch p0
at switch ip link add br0 type bridge mcast_snooping 0
at switch ip link set p0 master br0
at switch ip link set br0 up
for h in pc:10 files:21 web:80 phone:60; do
	n=${h%:*}
	cable $n eth0 switch p-$n
	at switch ip link set p-$n master br0
	at $n ip addr add 192.168.10.${h#*:}/24 dev eth0
	at $n ip route add default via 192.168.10.1
done
cable fw wan0 isp eth0
at fw sysctl -qw net.ipv4.ip_forward=1 \
	net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.lan0.send_redirects=0 net.ipv4.conf.wan0.send_redirects=0
at fw ip addr add 192.168.10.1/24 dev lan0
at fw ip addr add 203.0.113.7/24 dev wan0
at fw ip route add default via 203.0.113.1
at isp ip addr add 203.0.113.1/24 dev eth0
for a in 21 60 66 80; do at isp ip addr add 198.51.100.$a/32 dev lo; done
warm fw 192.168.10.10 192.168.10.21 192.168.10.80 192.168.10.60 203.0.113.1
at isp ip route add 192.168.10.0/24 via 203.0.113.7 # a neighbour of the gateway may try this
