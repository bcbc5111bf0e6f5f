/*
 * free_swap_and_cache against swapoff a second time, for SPIN: what src/races/freeing.ts and swapoff.ts have, in another language, with
 * sets of bits in place of counts and places in programs in place of tables of steps.
 *
 *     spin -a -DPROCESSES=2 -DFIX=1 ... swapoff.pml
 *
 * One statement or d_step is one step over there, and everything is a global variable or a place in a program, so that both have the
 * same states. After a failure nobody goes on. The switches are those of src/races/switches.ts, and WITHOUT_... its orderings.
 */

#ifndef PROCESSES
#define PROCESSES 2
#endif
#ifndef FIX
#define FIX 0
#endif
#ifndef RCU
#define RCU 0
#endif
#ifndef SHMEM
#define SHMEM 0
#endif
#ifndef SHORTCUT
#define SHORTCUT 1
#endif
#ifndef SWAPOFF_RECLAIMS
#define SWAPOFF_RECLAIMS 0
#endif
#ifndef EARLY_EXIT
#define EARLY_EXIT 1
#endif
#ifndef CLUSTER_LOCK
#define CLUSTER_LOCK 0
#endif
#ifndef SWAPON
#define SWAPON 0
#endif

#define ALL ((1 << PROCESSES) - 1)
#define OWN (1 << _pid)
#ifdef WITHOUT_PAGE_TABLE_LOCK
#define TAKEN 0
#else
#define TAKEN OWN
#endif

/* A bit a slot, and a bit a process. */
byte counted = ALL;
byte entries = ALL;
byte locked = 0;
byte readers = 0;
byte users = 0;
bool writeok = true;
bool cached = true;
bool cluster = false;
bool killed = false;
bool freed = false;
bool other = false;
bool usedFreed = false;
bool miscounted = false;

#define FAILED (usedFreed || miscounted || (!cached && counted) || (freed && cached))

inline touch() { usedFreed = usedFreed || freed || other }

inline giveBack()
{
	if
#ifdef WITHOUT_COUNTS_BEFORE_RECLAIM
	:: cached -> cached = false
#else
	:: cached && !counted -> cached = false
#endif
	:: else
	fi
}

#if FIX
#ifdef WITHOUT_PUT_AFTER_USE
#define AFTER_DROP put
#define AFTER_PUT use
#define AFTER_USE leave
#else
#define AFTER_PUT leave
#define AFTER_USE put
#endif
#else
#define AFTER_USE leave
#endif

#ifndef AFTER_DROP
#ifdef WITHOUT_REFERENCE_BEFORE_DROP
#define AFTER_DROP getLate
#else
#define AFTER_DROP use
#endif
#endif

#if CLUSTER_LOCK
#define AFTER_LOCK unlock
#else
#define AFTER_LOCK AFTER_USE
#endif

active [PROCESSES] proctype freeing()
{
	/* The entry is claimed: under a lock that stays, or by an exchange. */
#if SHMEM
	if
	:: d_step { !FAILED && (entries & OWN) -> entries = entries & ~OWN }
	:: !FAILED && !(entries & OWN) -> goto leave
	fi;
#else
	if
	:: d_step { !FAILED && !(locked & OWN) && (entries & OWN) -> locked = locked | TAKEN }
	:: d_step { !FAILED && !(locked & OWN) && !(entries & OWN) -> locked = locked | TAKEN } goto leave
	fi;
#endif

#if FIX && !defined(WITHOUT_REFERENCE_BEFORE_DROP)
	if
	:: d_step { !FAILED && !killed -> users++; touch() }
	:: !FAILED && killed -> goto leave
	fi;
#else
	d_step { !FAILED -> touch() };
#endif

	d_step {
		!FAILED && !cluster -> touch();
		miscounted = !(counted & OWN);
		counted = counted & ~OWN;
		cluster = CLUSTER_LOCK
	};
	goto AFTER_DROP;

#ifdef WITHOUT_REFERENCE_BEFORE_DROP
getLate:
	if
	:: d_step { !FAILED && !killed -> users++; touch() }
	:: !FAILED && killed -> goto leave
	fi;
#endif

use:
#if SHORTCUT
	if
	:: d_step { !FAILED && counted -> touch() } goto AFTER_LOCK
	:: d_step { !FAILED && !counted -> touch() }
	fi;
#endif
	if
	:: d_step { !FAILED -> touch(); giveBack() }
	fi;
	goto AFTER_LOCK;

#if CLUSTER_LOCK
unlock:
	if
	:: d_step { !FAILED -> touch(); cluster = false }
	fi;
	goto AFTER_USE;
#endif

#if FIX
put:
	if
	:: d_step { !FAILED -> users-- }
	fi;
	goto AFTER_PUT;
#endif

leave:
#if !SHMEM
	if
	:: d_step { !FAILED -> entries = entries & ~OWN; locked = locked & ~OWN; readers = readers & ~OWN }
	fi;
#endif
end:
	false
}

#if SHMEM || defined(WITHOUT_VISIT_TAKES_LOCK)
#define CAN_VISIT (!FAILED && !cluster)
#else
#define CAN_VISIT (!FAILED && !cluster && !(locked & (1 << visited)))
#endif

inline visit()
{
	if
	:: entries & (1 << visited) ->
		entries = entries & ~(1 << visited);
		miscounted = !(counted & (1 << visited));
		counted = counted & ~(1 << visited);
		giveBack()
	:: else
	fi
}

active proctype swapoff()
{
#if !EARLY_EXIT
	byte visited = 0;
#endif
	d_step { !FAILED -> writeok = false };

#if !EARLY_EXIT
	do
	:: d_step { CAN_VISIT && visited + 1 < PROCESSES -> visit(); visited++ }
	:: d_step { CAN_VISIT && visited + 1 == PROCESSES -> visit(); visited = 0 } break
	od;
#endif

unuse:
	if
#ifdef WITHOUT_UNUSED_BEFORE_FREE
	:: !FAILED
#else
	:: !FAILED && !cached
#endif
#if SWAPOFF_RECLAIMS
	:: d_step { !FAILED && cached && !cluster && !counted -> cached = false } goto unuse
#endif
	fi;

#ifndef WITHOUT_KILL_BEFORE_WAIT
	d_step { !FAILED -> killed = true };
#endif

#if RCU && !defined(WITHOUT_GRACE_PERIOD)
	d_step { !FAILED -> readers = locked };
	!FAILED && !readers;
#else
	!FAILED;
#endif

#ifndef WITHOUT_WAIT_FOR_USERS
	!FAILED && !users;
#endif

#ifdef WITHOUT_KILL_BEFORE_WAIT
	d_step { !FAILED -> killed = true };
#endif

	d_step { !FAILED -> freed = true };
#if SWAPON
	d_step { !FAILED -> freed = false; killed = false; writeok = true; other = true };
#endif
end:
	false
}

active proctype watch()
{
end:
	do
	:: d_step { FAILED -> assert(false) }
	od
}
