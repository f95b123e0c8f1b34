// Package guard takes frames from network interfaces of the running host and
// puts back what a firewall lets through.
//
// A Guard stands between an interface and the host's stack. Small tcx programs
// on the interface (program.go) turn every frame, arriving or leaving, to a TAP
// device of ours; what is written back to the TAP goes on to where the frame was
// bound, and the interface's own programs know it by a token. The host keeps its
// addresses, routes and sockets; a frame that is not written back never reaches
// it. Frames keep their checksum and segmentation offload (struct virtio_net_hdr),
// so that a TCP stream moves in pieces of 64 KiB.
//
// The programs live in links that the process holds: when it ends, in whatever
// way, the interface is as it was.
package guard
