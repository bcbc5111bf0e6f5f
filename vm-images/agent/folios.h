/* Transparent huge pages: which folio sizes there are, which of them a run may get, and their statistics. */
#ifndef FOLIOS_H
#define FOLIOS_H

/* Finds the sizes, opens their statistics, and says which sizes there are. */
void folios_prepare(void);
/*
 * Sizes of a comma-separated list of kB become available to MADV_HUGEPAGE on "private" or "shared" memory, or "always" to every
 * fault of private memory; all else to nobody. NULL when done, else what could not be set.
 */
const char *folios_policy(char *kilobytes, const char *who);
/* "folio" messages: absolute counts of every size. */
void folios_report(void);

#endif
