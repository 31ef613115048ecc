import time, collections, asyncio
import tests.benchmarks.bench_polling as b
from services.scraper import poll, schedule, hosts
from services.scraper.turns import Turn
T0=time.perf_counter()
stats=collections.Counter(); 
orig=hosts.Hosts.turn
async def turn(self, host, gap, *, opens=True):
    t=time.perf_counter()
    try:
        await orig(self,host,gap,opens=opens); stats['go']+=1; stats['waited']+=time.perf_counter()-t
    except Exception as e:
        stats[type(e).__name__]+=1; stats['ms_postpone']+=time.perf_counter()-t; raise
hosts.Hosts.turn=turn
for name in ('_record','_postponed'):
    def wrap(name):
        o=getattr(poll.Poller,name)
        async def f(self,*a):
            t=time.perf_counter(); r=await o(self,*a); stats[name+'_s']+=time.perf_counter()-t; stats[name]+=1; return r
        setattr(poll.Poller,name,f)
    wrap(name)
oc=schedule.Schedule._claim
async def claim(self,now,limit):
    t=time.perf_counter(); r=await oc(self,now,limit); stats['claim_s']+=time.perf_counter()-t; stats['claims']+=1; stats['claimed']+=len(r); return r
schedule.Schedule._claim=claim
op=schedule.Schedule.poll_due_boards
async def pdb(self, now):
    t=time.perf_counter(); stats.clear(); await op(self,now); print(f"{t-T0:.1f}..{time.perf_counter()-T0:.1f}", {k:round(v,1) for k,v in stats.items()}, flush=True)
schedule.Schedule.poll_due_boards=pdb
if __name__=='__main__':
    b.SCRAPERS=1
    b.main()
