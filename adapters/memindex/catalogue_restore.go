package memindex

import (
	"io"
	"runtime"
	"sync"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// Restore fills an index that holds nothing with what Save wrote; the next View shows it all. Where that is damaged, or
// goes on past its end, it fails with ErrCatalogueDamaged and changes nothing. It believes no length before the bytes
// are there.
func (x *Index) Restore(from io.Reader) error {
	y := x.draft()
	head, err := readShelfHead(from)
	if err != nil {
		return err
	}
	var limits [recommend.NumFields]uint32
	for f := range y.names {
		if y.names[f].list, err = readNames(from); err != nil {
			return err
		}
		limits[f] = uint32(max(1, len(y.names[f].list)))
	}
	pages, err := readPages(from, head.items, &limits)
	if err != nil {
		return err
	}
	if err := y.assemble(pages, head); err != nil {
		return err
	}
	if !x.become(y) {
		return errNotEmpty
	}
	return nil
}

// readPages reads all pages up to the end of what there is to read. They are unpacked on all processors.
func readPages(from io.Reader, items int, limits *[recommend.NumFields]uint32) ([]page, error) {
	type job struct {
		frame       []byte
		page, items int
	}
	var (
		workers  = min(8, runtime.GOMAXPROCS(0))
		jobs     = make(chan job)
		spare    = make(chan []byte, 2*workers)
		mu       sync.Mutex
		pages    []page
		failed   error
		unpacked sync.WaitGroup
	)
	fail := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		if failed == nil {
			failed = err
		}
	}
	for range workers {
		unpacked.Go(func() {
			for j := range jobs {
				p, err := readPage(j.frame, j.items, limits)
				if err != nil {
					fail(err)
				}
				mu.Lock()
				pages[j.page] = p
				mu.Unlock()
				select {
				case spare <- j.frame:
				default:
				}
			}
		})
	}
	for done := 0; done < items; done += pageItems {
		var room []byte
		select {
		case room = <-spare:
		default:
		}
		frame, err := readFrame(from, room)
		if err != nil {
			fail(err)
			break
		}
		mu.Lock()
		pages = append(pages, page{})
		stop := failed != nil
		mu.Unlock()
		if stop {
			break
		}
		jobs <- job{frame, done / pageItems, min(pageItems, items-done)}
	}
	close(jobs)
	unpacked.Wait()
	if failed == nil {
		failed = atEnd(from)
	}
	return pages, failed
}

// assemble makes the index of its parts, on an empty one that has its names' lists.
func (x *Index) assemble(pages []page, head shelfHead) error {
	x.begin()
	x.live, x.times = head.live, make([]int64, 0, head.items)
	var before *entry
	for p := range pages {
		x.version += pages[p].version
		x.bytes += pages[p].bytes
		for i := range pages[p].entries {
			e := &pages[p].entries[i]
			if published := int(x.n) < head.live; published != (e.State == catalog.Published) || published && before != nil && !before.comesBefore(e) {
				return ErrCatalogueDamaged
			}
			before = e
			x.entries.set(x.n, e)
			x.times = append(x.times, e.Published)
			x.n++
		}
	}
	order := make([]recommend.Ordinal, head.live)
	for o := range order {
		order[o] = recommend.Ordinal(o)
	}
	tasks := []func() error{x.restoreIDs, func() error { x.shelve(order); return nil }}
	for f := range x.names {
		tasks = append(tasks, func() error { return x.restoreNames(recommend.Field(f)) })
	}
	var wait sync.WaitGroup
	errs := make([]error, len(tasks))
	for i, task := range tasks {
		wait.Go(func() { errs[i] = task() })
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (x *Index) restoreIDs() error {
	x.ids, x.numbers = tableFor(int(x.n)), tableFor(int(x.n))
	for o := range x.n {
		e := x.entries.get(o)
		id := e.id()
		hash := hashOf(x.seed, string(id))
		if x.find(hash, id) != recommend.Nowhere {
			return ErrCatalogueDamaged
		}
		x.ids.add(hash, o)
		x.numbers.add(scramble(uint64(e.Number)), o)
	}
	return nil
}

// restoreNames makes a field's table of names.
func (x *Index) restoreNames(f recommend.Field) error {
	d := &x.names[f]
	d.table = tableFor(len(d.list))
	for t := 1; t < len(d.list); t++ {
		hash := hashOf(x.seed, d.list[t])
		known := d.readable()
		if known.term(hash, d.list[t]) != 0 {
			return ErrCatalogueDamaged
		}
		d.table.add(hash, uint32(t))
		d.bytes += len(d.list[t]) + 16
	}
	return nil
}
