# Visitors, and what others send at the same time.
. "$(dirname "$0")/../lib.sh"
server=192.0.2.80 alice=198.51.100.5 bob=198.51.100.6 guesser=198.51.100.7 hog=198.51.100.8 pinger=198.51.100.9
web server 80 22 25 # the last two stand for others
get() { at net curl -sS --max-time 2 --interface $1 http://$server/index.html; }
# flood SOURCE COUNT OPTION...: nping as fast as it makes sense.
flood() {
	local s=$1 c=$2
	shift 2
	at net nping -q -N --send-ip -S $s -c $c --rate 200 "$@" $server >/dev/null
}

get $alice

# A SYN flood from addresses that don't know of it, and one who guesses cookies.
for i in 11 12 13 14 15 16 17 18 19 20; do flood 100.64.$i.$i 4 --tcp --flags syn -p 80; done
flood 100.64.1.1 5 --tcp --flags ack --ack 12345 -p 80
get $bob

# Odd flags, and answers of many resolvers to somebody else's questions.
flood 100.64.2.1 2 --tcp --flags fin,psh,urg -p 80
flood 100.64.2.1 2 --tcp --flags syn,fin -p 22
for i in 1 2 3 4 5 6; do flood 100.64.3.$i 4 --udp -g 53 -p 4242 --data-length 400; done

# A flood of pings is stopped, and so is whatever else its sender wants; polite ones are not.
at net ping -n -c 2 -i 0.3 -I $alice $server
flood $pinger 12 --icmp
get $pinger || true

# Passwords are guessed, four times.
for i in 1 2 3 4 5; do at net nc -z -w 1 -s $guesser $server 22 || true; done

# Somebody wants all connections of the mail server for himself.
for i in 1 2 3 4 5; do
	at net nc -w 1 -s $hog $server 25 </dev/null &
	sleep 0.1
done
at net nc -z -w 1 -s $alice $server 25
sleep 1.5

# And still:
get $alice
sleep 3
