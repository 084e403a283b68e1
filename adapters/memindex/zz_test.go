package memindex_test

import ("testing";"fmt";"bufio";"compress/gzip";"encoding/json";"os";"time";"math";"sort"
"github.com/freshet/freshet/adapters/memindex"
"github.com/freshet/freshet/domain/engagement"
"github.com/freshet/freshet/domain/audience"
"github.com/freshet/freshet/domain/catalog"
"github.com/freshet/freshet/domain/recommend"
)
func TestZZ(t *testing.T) {
 for _, name := range []string{"ml100k","ml1m"} {
 f,_:=os.Open("/work/shared/data/"+name+"/events.jsonl.gz"); z,_:=gzip.NewReader(f); sc:=bufio.NewScanner(z); sc.Buffer(make([]byte,1<<20),1<<20)
 type ev struct{ Viewer,Item,At string }
 by:=map[string][]ev{}; var all []ev; items:=map[string]bool{}
 for sc.Scan(){var e ev; json.Unmarshal(sc.Bytes(),&e); by[e.Viewer]=append(by[e.Viewer],e); all=append(all,e); items[e.Item]=true}
 var names []string; for i:=range items{names=append(names,i)}; sort.Strings(names)
 for _, o := range []memindex.Options{{Neighbours:256,Tail:512},{Neighbours:4096,Tail:16}} {
 if o.PerMinute==0 {o.PerMinute=1000000}
 if o.Neighbours==0 {o.PerMinute=0}
 x:=memindex.New(); var b []catalog.Snapshot
 for n,i:=range names{ b=append(b,catalog.Snapshot{ID:catalog.ItemID(i),Number:catalog.Number(n+1),State:catalog.Published,Version:1,Details:catalog.Details{PublishedAt:noon}})}
 x.Apply(b)
 l:=memindex.NewLearner(x,engagement.DefaultWeights(),o)
 left:=map[string]int{}; for v,e:=range by{left[v]=len(e)-1}
 var log []engagement.Logged
 for _,e:=range all { if left[e.Viewer]==0{continue}; left[e.Viewer]--
  at,_:=time.Parse(time.RFC3339,e.At)
  log=append(log,engagement.Logged{Offset:engagement.Offset(len(log)+1),Event:engagement.Event{Viewer:audience.ViewerID(e.Viewer),Act:audience.Like,Item:catalog.ItemID(e.Item),At:at}})}
 t0:=time.Now(); l.Learn(log); el:=time.Since(t0)
 for _,nn:=range []int{32,64,128,256,5000}{
 v:=x.View(); hits,nd,N:=0.0,0.0,0.0
 vs:=[]string{}; for k:=range by{vs=append(vs,k)}; sort.Strings(vs)
 for _,k:=range vs{ h:=by[k]; tgt:=h[len(h)-1]; h=h[:len(h)-1]; N++
  mask:=map[recommend.Ordinal]bool{}; ids:=[]catalog.ItemID{}
  for i:=len(h)-1;i>=0;i--{ids=append(ids,catalog.ItemID(h[i].Item))}
  ords:=make([]recommend.Ordinal,len(ids)); v.Locate(ids,ords); for _,o:=range ords{mask[o]=true}
  if len(ords)>20{ords=ords[:20]}
  score:=map[recommend.Ordinal]float64{}
  for _,lk:=range l.After(ords,nn,nil){ score[lk.To]+=math.Pow(.7,float64(lk.From))*float64(lk.Strength)}
  var tt [1]recommend.Ordinal; v.Locate([]catalog.ItemID{catalog.ItemID(tgt.Item)},tt[:])
  s,ok:=score[tt[0]]; if !ok||mask[tt[0]]{continue}
  r:=0.0; for o,y:=range score{ if o!=tt[0]&&!mask[o]{ if y>s{r++}else if y==s{r+=.5}}}
  if r<10{hits++; nd+=1/math.Log2(r+2)}}
 fmt.Printf("%s %d %+v HR %.4f NDCG %.4f learn %.1fus/ev stats %+v\n",name,nn,o.Neighbours,hits/N,nd/N,float64(el.Microseconds())/float64(len(log)),l.Stats())
 }
 }}
}
