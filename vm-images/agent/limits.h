/*
 * Every limit of the agent in one place. Nothing here grows while the guest runs: tables are static, so
 * that neither a step nor the report after it allocates memory and disturbs what is being counted.
 */
#ifndef LIMITS_H
#define LIMITS_H

/* The wire: longest payload and longest line, both sides hold to them. */
#define WIRE_PAYLOAD_MAX 2000
#define WIRE_LINE_MAX 2100
/* Fields of one request. The longest request (an op) has eleven. */
#define REQUEST_FIELDS_MAX 32

/* Names of processes and regions, terminator included. */
#define NAME_BYTES 32
/* Each has four ends of pipes and a pagemap open in PID 1, which may have 1024 files open. */
#define PROCESSES_MAX 136
#define REGIONS_MAX 64
/* Swap areas, each on a disk of its own. */
#define AREAS_MAX 4
/*
 * Each region has a stretch of address space of its own, so no two ever touch and merge into one VMA, and
 * each starts on a boundary that every page-table level of every page size divides. 64 stretches of 4 GiB
 * from 64 GiB on fit the smallest user address space of a 64-bit kernel (39 bits).
 */
#define REGION_BASE (UINT64_C(64) << 30)
#define REGION_STRIDE (UINT64_C(4) << 30)

/* Pipes that hold pages of one process. */
#define PINS_MAX 32

/* Function and symbol names asked for, and the longest of them with a compiler's suffix. */
#define WANTED_MAX 256
#define SYMBOL_BYTES 128

/* Different return values of one function that are told apart; a power of two, as the kernel wants it. */
#define RETURN_VALUES_MAX 256

/* Folio sizes (orders 2 to 9 on x86-64, up to 13 with larger pages) and files in one stats directory. */
#define FOLIO_SIZES_MAX 16
#define FOLIO_STATS_MAX 32

/* Length of the mapping that keeps khugepaged busy: one start of it uses up a PMD's worth. */
#define DECOY_GIB 32

/* How a program is to be started: all strings together, and those of its arguments or its environment. */
#define PROGRAM_START_BYTES (1 << 18)
#define PROGRAM_STRINGS_MAX 4096
/* Where a program's start tells of trouble: no file of its own lies so high. */
#define PROGRAM_TROUBLE_FD 1000
/* Of each of a program's streams: what goes over the wire as it comes, and of the rest the end. */
#define OUTPUT_BEGINNING_BYTES (256 << 10)
#define OUTPUT_END_BYTES (64 << 10)
/* Reads of each stream before anything else is looked at: a pipe holds 64 KiB. */
#define OUTPUT_ROUNDS 64

/* Threads of a storm, the stack of each, which holds a page, and how long they may take in all. */
#define STORM_THREADS_MAX 8
#define STORM_STACK_BYTES (256 << 10)
#define STORM_DEADLINE_MS 120000

/* Waits. Under emulation everything takes tens of times longer than on a machine. */
#define HEARTBEAT_MS 1000
#define DISK_DEADLINE_MS 10000
#define WRITEBACK_DEADLINE_MS 30000
/* A program that runs is looked at so often; its children may outlive it so long; a kill has to work in so long. */
#define PROGRAM_LOOK_MS 100
#define PROGRAM_GRACE_MS 500
#define PROGRAM_KILL_MS 10000

#endif
