# A node of a cluster, with four pods, each behind a veth of its own:
#
#   dns   10.244.1.2 ── pod2 ┐
#   web1  10.244.1.3 ── pod3 ┤
#   web2  10.244.1.4 ── pod4 ┼─ [fw] eth0 ── net 192.168.50.1, which is
#   shell 10.244.1.5 ── pod5 ┘   192.168.50.11    192.168.50.12, a node with the pods 10.244.2.0/24,
#                                                 198.51.100.5 and .6: clients from elsewhere
. "$(dirname "$0")/../lib.sh"
for n in fw dns web1 web2 shell net; do namespace $n v4; done
cable fw eth0 net eth0
at fw sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.eth0.send_redirects=0
at fw ip addr add 192.168.50.11/24 dev eth0
for p in 2:dns 3:web1 4:web2 5:shell; do
	i=${p%:*} n=${p#*:}
	cable fw pod$i $n eth0
	at fw sysctl -qw net.ipv4.conf.pod$i.send_redirects=0
	at fw ip addr add 10.244.1.1/32 dev pod$i
	at fw ip route add 10.244.1.$i/32 dev pod$i
	at $n ip addr add 10.244.1.$i/32 dev eth0
	at $n ip route add 10.244.1.1 dev eth0
	at $n ip route add default via 10.244.1.1
done
at fw ip route add default via 192.168.50.1
at fw ip route add 10.244.2.0/24 via 192.168.50.12
at net ip addr add 192.168.50.1/24 dev eth0
at net ip addr add 192.168.50.12/24 dev eth0
for a in 10.244.2.2 10.244.2.3 198.51.100.5 198.51.100.6; do at net ip addr add $a/32 dev lo; done
at net ip route add 10.244.1.0/24 via 192.168.50.11
warm fw 10.244.1.2 10.244.1.3 10.244.1.4 10.244.1.5 192.168.50.1 192.168.50.12
