:output;type filter hook output priority 0

*ip;test-ip4;output

%ftp type ct helper { type "ftp" protocol tcp; };ok
%sip type ct helper { type "sip" protocol udp; l3proto ip6; };fail

ct helper set "ftp";ok
