# Rules of our own, in the format of nft's tests.
:input;type filter hook input priority 0
:ingress;type filter hook ingress device lo priority 0

*inet;test-inet;input
*netdev;test-netdev;ingress

!known type ipv4_addr flags interval;ok
!marks type inet_service : mark timeout 60s;ok
!none type;fail
?known 192.0.2.0/24;ok
?known 192.0.2.1;fail
%hits type counter;ok

ip saddr @known counter name "hits";ok
tcp dport {443, 22};ok;tcp dport { 22, 443}
tcp dport 22 meta mark set tcp dport map @marks;ok
ip protocol tcp ip dport 22;fail
- meta nftrace 1;ok
