package compiler

import (
	"maps"

	"nfvm/bytecode"
	"nfvm/lang"
	"nfvm/nf"
)

// The flags of a flowtable (NFT_FLOWTABLE_HW_OFFLOAD).
const flowtableOffload = 1

func (c *compiler) flowtableCmd(cmd *lang.FlowtableCmd) {
	t := c.tableOf(cmd.Path)
	if t == nil {
		return
	}
	if cmd.Verb == lang.VerbDelete || cmd.Verb == lang.VerbDestroy {
		c.deleteFlowtable(t, cmd)
		return
	}
	body := cmd.Body
	if body == nil {
		body = &lang.Flowtable{Pos: cmd.Pos}
	}
	c.declareFlowtable(t, body, cmd.Path.Name, cmd.Verb == lang.VerbCreate)
}

// deleteFlowtable deletes a flowtable, or takes the devices of a body from it.
func (c *compiler) deleteFlowtable(t *tableState, cmd *lang.FlowtableCmd) {
	name := cmd.Path.Name
	f := t.flowtables[name.Text]
	if cmd.Path.Handle.Set() && !name.Set() {
		f = t.flowList.find(cmd.Path.Handle.Value)
	}
	switch {
	case f == nil:
		if gone(cmd.Verb) {
			c.missing(name.Span, t, "flowtable", name.Text, maps.Keys(t.flowtables))
		}
	case cmd.Body != nil && len(cmd.Body.Devices) > 0:
		c.removeDevices(t, f, cmd.Body.Devices)
	case f.uses > 0:
		c.refuse(name.Span, ebusy, "flowtable %s is used by a rule", f.Name)
	default:
		for name := range f.devices.All() {
			delete(t.deviceOf, name)
		}
		delete(t.flowtables, f.Name)
		t.flowList.remove(f)
	}
}

func (c *compiler) removeDevices(t *tableState, f *flowtableState, list []lang.Expr) {
	gone, _ := c.deviceExprs(list)
	for _, d := range gone {
		i := f.devices.Index(d.name)
		if i < 0 {
			c.refuse(d.at, enoent, "flowtable %s has no device %s", f.Name, d.name)
			continue
		}
		f.devices.Remove(i)
		delete(t.deviceOf, d.name)
	}
}

// addDevices gives a flowtable devices that no other has.
func (t *tableState) addDevices(f *flowtableState, names []string) {
	f.devices.add(names)
	for _, name := range names {
		t.deviceOf[name] = f
	}
}

// declareFlowtable makes a flowtable or, if it exists, adds devices to it.
func (c *compiler) declareFlowtable(t *tableState, b *lang.Flowtable, name lang.Word, create bool) {
	f := &flowtableState{Flowtable: &bytecode.Flowtable{Name: name.Text, Hook: nf.HookIngress, Counter: b.Counter,
		Pos: c.pos.at(name.Span)}, at: name.Span}
	old := t.flowtables[name.Text]
	if old != nil && create {
		declaredAt(c.refuse(name.Span, eexist, "flowtable %s exists", name.Text), old.at)
		return
	}
	if !c.flowtableHook(t, f, b, name, old) {
		return
	}
	if old != nil {
		c.redeclareFlowtable(t, old, f, b, name)
		return
	}
	if !c.checkName(name.Span, name.Text) {
		return
	}
	f.Handle = t.nextHandle()
	t.addDevices(f, f.Devices)
	t.flowtables[name.Text] = f
	t.flowList.add(f)
}

// flowtableHook reads the hook, priority, devices and flags of a flowtable.
func (c *compiler) flowtableHook(t *tableState, f *flowtableState, b *lang.Flowtable, name lang.Word, old *flowtableState) bool {
	if !b.Hook.Set() && b.Broken {
		return false
	}
	if !b.Hook.Set() && old == nil {
		c.errorf(name.Span, "missing hook and priority in flowtable declaration")
		return false
	}
	if b.Hook.Set() && b.Hook.Text != "ingress" {
		c.flowtableAt(b.Hook)
		return false
	}
	if !routed(t.Family) {
		c.refuse(name.Span, enoent, "family %s has no flowtables", t.Family)
		return false
	}
	ok := true
	if b.Priority != nil {
		f.Priority, ok = c.priority(b.Priority, nf.FamilyNetdev, nf.HookIngress)
	}
	devices, good := c.devices(b.Devices)
	f.Devices = devices
	for _, w := range b.Flags {
		if w.Text == "offload" {
			c.diags.Warnf(w.Span, "hardware offload has no effect here")
			f.Flags |= flowtableOffload
		}
	}
	return ok && good && c.devicesFree(t, f, b)
}

// flowtableAt reports a hook that a flowtable cannot have.
func (c *compiler) flowtableAt(hook lang.Word) {
	h, known := nf.ParseHook(hook.Text)
	switch {
	case !known:
		c.errorf(hook.Span, "unknown chain hook%s", orKnown(hook.Text, []string{"ingress"}))
	case h == nf.HookEgress:
		c.refuse(hook.Span, eopnotsupp, "a flowtable is at the ingress hook")
	default:
		c.errorf(hook.Span, "invalid hook %s: a flowtable is at the ingress hook", hook.Text)
	}
}

// devicesFree checks that no other flowtable of the table has a device.
func (c *compiler) devicesFree(t *tableState, f *flowtableState, b *lang.Flowtable) bool {
	list, _ := c.deviceExprs(b.Devices)
	for _, d := range list {
		if other := t.deviceOf[d.name]; other != nil && other.Name != f.Name {
			c.refuse(d.at, eexist, "device %s is in flowtable %s", d.name, other.Name).Note(other.at, "")
			return false
		}
	}
	return true
}

func (c *compiler) redeclareFlowtable(t *tableState, old, f *flowtableState, b *lang.Flowtable, name lang.Word) {
	switch {
	case b.Priority != nil && f.Priority != old.Priority:
		declaredAt(c.refuse(name.Span, eopnotsupp, "flowtable %s has priority %d", old.Name, old.Priority), old.at)
		return
	case f.Flags != old.Flags:
		declaredAt(c.refuse(name.Span, eopnotsupp, "flowtable %s has other flags", old.Name), old.at)
		return
	}
	old.Counter = old.Counter || f.Counter
	t.addDevices(old, f.Devices)
}
