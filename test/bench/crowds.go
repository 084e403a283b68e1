package main

import "context"

// byInstances spreads the same callers over ever more processes.
func (b *bench) byInstances(ctx context.Context) error {
	c := Curve{Name: "instances on one Redis"}
	defer func() { b.draw(c) }()
	h, in, err := b.furnish(ctx, "instances", manyItems, manyEvents)
	if err != nil {
		return err
	}
	defer func() { _ = h.empty(context.WithoutCancel(ctx)) }()
	all := []*instance{in}
	defer func() {
		for _, in := range all {
			in.stop()
		}
	}()
	for n := 1; n <= 4; n++ {
		if n > 1 {
			in, err := h.start(ctx, n)
			if err != nil {
				return err
			}
			all = append(all, in)
		}
		p, err := b.point(ctx, float64(n), all[0], b.asking(all...))
		if err != nil {
			return err
		}
		c.Points = append(c.Points, p)
	}
	return nil
}

// byConnections has ever more callers ask, and holds idle connections beside in the end.
func (b *bench) byConnections(ctx context.Context) error {
	c := Curve{Name: "connections that ask"}
	defer func() { b.draw(c) }()
	h, in, err := b.furnish(ctx, "connections", manyItems, manyEvents)
	if err != nil {
		return err
	}
	defer func() { _ = h.empty(context.WithoutCancel(ctx)) }()
	defer in.stop()
	for _, n := range []int{1, 64, 1000} {
		o := b.asking(in)
		o.Connections = n
		p, err := b.point(ctx, float64(n), in, o)
		if err != nil {
			return err
		}
		c.Points = append(c.Points, p)
	}
	o := b.asking(in)
	o.Idle = holdable()
	p, err := b.point(ctx, float64(o.Connections), in, o)
	if err != nil {
		return err
	}
	p.Label = figure(float64(o.Idle)) + " idle beside 64"
	c.Points = append(c.Points, p)
	return nil
}
