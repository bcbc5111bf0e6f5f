/*
 * The allocator with one list of clusters per order, written plainly in C: what the model's speed is held
 * against. It plays the sequence of slot-sequence.ts and prints the checksum of the slots that the first round
 * hands out, so that both are known to have done the same work.
 *
 *   order-lists <slots of the area> <order> <milliseconds>
 *   prints: <checksum> <slots allocated and freed> <nanoseconds>
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PMD_ORDER 9
#define CLUSTER_SLOTS (1 << PMD_ORDER)
#define COLUMNS 32
#define BATCH 64

enum { SLOT_FREE = 0x00, SLOT_BAD = 0x3f, SLOT_CACHED = 0x40, SLOT_MAPPED = 0x41 };
enum state { ON_FREE, ON_NONFULL, ON_FRAG, ON_FULL };

struct list {
	int first, last;
};

struct cluster {
	int next, prev;
	struct list *list;
	uint16_t used;
	uint8_t state, order;
};

struct area {
	int slots, clusters, in_use, lowest, highest;
	uint8_t *map, *zero;
	bool ever_zero;
	struct cluster *cluster;
	struct list free, full, nonfull[PMD_ORDER + 1], frag[PMD_ORDER + 1];
	int frag_count[PMD_ORDER + 1];
	int cursor[PMD_ORDER + 1];
};

/* A slot found, and the slot to go on from; 0 is the header's slot and means none. */
struct look {
	int found, next;
};

static void move_to_tail(struct area *a, struct list *to, int index)
{
	struct cluster *c = &a->cluster[index];

	if (c->list) {
		if (c->prev < 0)
			c->list->first = c->next;
		else
			a->cluster[c->prev].next = c->next;
		if (c->next < 0)
			c->list->last = c->prev;
		else
			a->cluster[c->next].prev = c->prev;
	}
	c->list = to;
	c->next = -1;
	c->prev = to->last;
	if (to->last < 0)
		to->first = index;
	else
		a->cluster[to->last].next = index;
	to->last = index;
}

static bool more_than_half_full(const struct area *a)
{
	return (a->slots - 1 - a->in_use) * 2 < a->slots - 1;
}

static void leave_frag(struct area *a, const struct cluster *c)
{
	if (c->state == ON_FRAG)
		a->frag_count[c->order]--;
}

static void take(struct area *a, int slot, int order)
{
	int pages = 1 << order, index = slot / CLUSTER_SLOTS;
	struct cluster *c = &a->cluster[index];

	if (c->state == ON_FREE) {
		if (pages < CLUSTER_SLOTS) {
			move_to_tail(a, &a->nonfull[order], index);
			c->state = ON_NONFULL;
		}
		c->order = order;
	}
	memset(a->map + slot, SLOT_CACHED, pages);
	if (slot == a->lowest)
		a->lowest += pages;
	if (slot + pages - 1 == a->highest)
		a->highest -= pages;
	a->in_use += pages;
	c->used += pages;
	if (c->used == CLUSTER_SLOTS) {
		leave_frag(a, c);
		move_to_tail(a, &a->full, index);
		c->state = ON_FULL;
	}
}

static bool run_is_free(const struct area *a, int slot, int pages)
{
	/* Every slot in use is mapped here, so there is never one to reclaim. */
	for (int s = slot; s < slot + pages; s++)
		if (a->map[s] != SLOT_FREE)
			return false;
	return true;
}

static struct look look_in_cluster(struct area *a, int from, int order)
{
	int index = from / CLUSTER_SLOTS, pages = 1 << order;
	int end = (index + 1) * CLUSTER_SLOTS < a->slots ? (index + 1) * CLUSTER_SLOTS - pages : a->slots - pages;
	struct cluster *c = &a->cluster[index];

	if (end < 0 || c->used + pages > CLUSTER_SLOTS)
		return (struct look){ 0, 0 };
	for (int slot = from; slot <= end; slot += pages) {
		if (!run_is_free(a, slot, pages))
			continue;
		take(a, slot, order);
		return (struct look){ slot, c->used == CLUSTER_SLOTS || slot + pages > end ? 0 : slot + pages };
	}
	return (struct look){ 0, 0 };
}

/* Walks the first full cluster for slots that only the cache holds; the sequence leaves none. */
static void walk_full_cluster(struct area *a)
{
	int index = a->full.first;

	if (index < 0)
		return;
	move_to_tail(a, &a->full, index);
	for (int slot = index * CLUSTER_SLOTS; slot < (index + 1) * CLUSTER_SLOTS && slot < a->slots; slot++)
		if (a->map[slot] == SLOT_CACHED)
			abort();
}

static struct look steal(struct area *a)
{
	for (int order = 1; order <= PMD_ORDER; order++) {
		struct list *lists[] = { &a->frag[order], &a->nonfull[order] };

		for (int i = 0; i < 2; i++) {
			while (lists[i]->first >= 0) {
				struct look look = look_in_cluster(a, lists[i]->first * CLUSTER_SLOTS, 0);

				if (look.found)
					return look;
			}
		}
	}
	return (struct look){ 0, 0 };
}

static struct look search(struct area *a, int order)
{
	struct look look = { 0, 0 };
	int looked = 0;

	if (a->cursor[order]) {
		look = look_in_cluster(a, a->cursor[order], order);
		if (look.found)
			return look;
	}
	if (a->free.first >= 0)
		return look_in_cluster(a, a->free.first * CLUSTER_SLOTS, order);
	if (more_than_half_full(a))
		walk_full_cluster(a);
	if (order < PMD_ORDER) {
		while (a->nonfull[order].first >= 0 && !look.found) {
			int index = a->nonfull[order].first;

			move_to_tail(a, &a->frag[order], index);
			a->cluster[index].state = ON_FRAG;
			a->frag_count[order]++;
			look = look_in_cluster(a, index * CLUSTER_SLOTS, order);
			looked++;
		}
		while (!look.found && looked < a->frag_count[order]) {
			int index = a->frag[order].first;

			move_to_tail(a, &a->frag[order], index);
			look = look_in_cluster(a, index * CLUSTER_SLOTS, order);
			looked++;
		}
	}
	return look.found || order > 0 ? look : steal(a);
}

static int allocate(struct area *a, int order)
{
	struct look look = search(a, order);

	a->cursor[order] = look.next;
	if (look.found)
		memset(a->map + look.found, SLOT_MAPPED, 1 << order);
	return look.found;
}

static void release(struct area *a, int slot, int pages)
{
	int index = slot / CLUSTER_SLOTS;
	struct cluster *c = &a->cluster[index];

	memset(a->map + slot, SLOT_FREE, pages);
	c->used -= pages;
	if (!c->used) {
		leave_frag(a, c);
		move_to_tail(a, &a->free, index);
		c->state = ON_FREE;
		c->order = 0;
	} else if (c->state != ON_NONFULL) {
		leave_frag(a, c);
		move_to_tail(a, &a->nonfull[c->order], index);
		c->state = ON_NONFULL;
	}
	if (slot < a->lowest)
		a->lowest = slot;
	if (slot + pages - 1 > a->highest)
		a->highest = slot + pages - 1;
	a->in_use -= pages;
	/* The sequence marks none, so that there is nothing to unmark. */
	for (int s = slot; a->ever_zero && s < slot + pages; s++)
		a->zero[s / 8] &= ~(1 << s % 8);
}

static void make_area(struct area *a, int slots)
{
	int rows;

	memset(a, 0, sizeof(*a));
	a->slots = slots;
	a->clusters = (slots + CLUSTER_SLOTS - 1) / CLUSTER_SLOTS;
	a->lowest = 1;
	a->highest = slots - 1;
	a->map = calloc(slots, 1);
	a->zero = calloc(slots / 8 + 1, 1);
	a->cluster = calloc(a->clusters, sizeof(*a->cluster));
	a->map[0] = SLOT_BAD;
	a->cluster[0].used = 1;
	a->cluster[a->clusters - 1].used += a->clusters * CLUSTER_SLOTS - slots;
	a->free = a->full = (struct list){ -1, -1 };
	for (int order = 0; order <= PMD_ORDER; order++)
		a->nonfull[order] = a->frag[order] = (struct list){ -1, -1 };
	rows = (a->clusters + COLUMNS - 1) / COLUMNS;
	for (int column = 0; column < COLUMNS; column++) {
		for (int index = column; index < rows * COLUMNS; index += COLUMNS) {
			if (index >= a->clusters)
				continue;
			a->cluster[index].state = a->cluster[index].used ? ON_NONFULL : ON_FREE;
			move_to_tail(a, a->cluster[index].used ? &a->nonfull[0] : &a->free, index);
		}
	}
}

struct tally {
	uint32_t checksum;
	uint64_t slots;
};

/* Allocates until nothing is left; the slots go behind the `count` that are in `taken`. */
static int fill(struct area *a, int order, int *taken, int count, struct tally *tally)
{
	for (;;) {
		int slot = allocate(a, order);

		if (!slot)
			return count;
		taken[count++] = slot;
		tally->checksum = tally->checksum * 31 + slot;
		tally->slots += 1u << order;
	}
}

static void empty(struct area *a, int order, const int *taken, int count, struct tally *tally)
{
	for (int i = 0; i < count; i++)
		release(a, taken[i], 1 << order);
	tally->slots += (uint64_t)count << order;
}

static void play_round(struct area *a, int order, int *taken, struct tally *tally)
{
	int count, kept = 0;

	count = fill(a, order, taken, 0, tally);
	empty(a, order, taken, count, tally);
	count = fill(a, order, taken, 0, tally);
	for (int i = 0; i < count; i++) {
		if (i % 2 == 0) {
			taken[kept++] = taken[i];
			continue;
		}
		release(a, taken[i], 1 << order);
		tally->slots += 1u << order;
	}
	count = fill(a, order, taken, kept, tally);
	empty(a, order, taken, count, tally);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

int main(int argc, char **argv)
{
	struct area area;
	struct tally tally = { 0, 0 };
	uint32_t checksum;
	uint64_t started_ns, limit_ns;
	int slots, order, *taken;

	if (argc != 4)
		return 2;
	slots = atoi(argv[1]);
	order = atoi(argv[2]);
	limit_ns = atoi(argv[3]) * UINT64_C(1000000);
	taken = malloc(slots * sizeof(*taken));
	make_area(&area, slots);
	started_ns = now_ns();
	play_round(&area, order, taken, &tally);
	checksum = tally.checksum;
	while (now_ns() - started_ns < limit_ns)
		play_round(&area, order, taken, &tally);
	printf("%u %llu %llu\n", checksum, (unsigned long long)tally.slots, (unsigned long long)(now_ns() - started_ns));
	return 0;
}
