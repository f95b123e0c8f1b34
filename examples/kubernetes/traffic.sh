# Pods, the node's neighbours and the world use the services.
. "$(dirname "$0")/../lib.sh"
node=192.168.50.11 dns=10.96.0.10 web=10.96.0.20 cart=10.96.0.30 edge=10.96.0.40 old=10.96.0.50
web web1 8080
web web2 8080 8081
web net 8080 80
names="--address=/web.default.svc.cluster.local/$web --local=/cluster.local/"
dns dns 10.244.1.2 $names
dns net 10.244.2.2 $names
get() { local n=$1 u=$2; shift 2; at $n curl -sS --max-time 2 "$@" http://$u/index.html; }

# Names, by both protocols, from both resolvers.
for i in 1 2; do
	at shell dig +tries=1 +short @$dns web.default.svc.cluster.local
	at shell dig +tries=1 +short +tcp @$dns web.default.svc.cluster.local
done

# A pod uses the service: here, here, at the other node, and here again.
for i in 1 2 3 4; do get shell $web; done

# web1 uses the service that it serves itself; the policy keeps it from web2.
for i in 1 2 3; do get web1 $web || true; done

# The same server for the same client.
for i in 1 2; do get shell $cart; get dns $cart; done

# From the world through node ports: web behind the node's address, edge as who it is.
for c in 5 6 5; do get net $node:30080 --interface 198.51.100.$c; done
get net $node:30081 --interface 198.51.100.6
get shell $edge

# No endpoints; a port that no service has; and the way out.
get shell $old || true
get shell $web:8443 || true
get shell 198.51.100.5
at shell ping -n -c 2 -i 0.3 198.51.100.5
