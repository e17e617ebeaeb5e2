/* `wspcheck catalogue`. */
#ifndef WSPCHECK_CATALOGUE_LISTING_H
#define WSPCHECK_CATALOGUE_LISTING_H

/* Prints the system's Winsock catalogue, an entry as a line of JSON; gives the exit
 * code. */
int catalogue_listing(void);

#endif
