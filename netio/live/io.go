package live

import (
	"unsafe"

)

const offloadSize = int(unsafe.Sizeof(Offload{}))


