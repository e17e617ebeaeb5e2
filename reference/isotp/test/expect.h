/* Checks that show what was found, where CUnit's own only repeat the expression. */
#ifndef ISOTP_EXPECT_H
#define ISOTP_EXPECT_H

#include <CUnit/CUnit.h>

#include "hex.h"

/* That `actual` are the octets that `text` says (see hex_write). */
#define EXPECT_OCTETS(actual, text) expect_octets(__FILE__, __LINE__, actual, text)

/* That two integers, enumerators or truth values are equal. */
#define EXPECT_EQUAL(actual, wanted) \
    expect_equal(__FILE__, __LINE__, #actual, (long long)(actual), (long long)(wanted))

void expect_octets(const char *file,
                   unsigned line,
                   struct octets actual,
                   const char *text);
void expect_equal(const char *file,
                  unsigned line,
                  const char *expression,
                  long long actual,
                  long long wanted);

/* What the next checks are about, a row of a table for instance, for their messages;
 * NULL for nothing in particular. The text is kept by reference. */
void expect_about(const char *subject);

/* The suites, each ended by CU_TEST_INFO_NULL. */
extern CU_TestInfo octets_tests[];
extern CU_TestInfo tpkt_tests[];
extern CU_TestInfo tpdu_tests[];
extern CU_TestInfo parameter_tests[];
extern CU_TestInfo negotiation_tests[];
extern CU_TestInfo nsap_tests[];
extern CU_TestInfo tp_address_tests[];
extern CU_TestInfo tsdu_queue_tests[];
extern CU_TestInfo circuit_tests[];
extern CU_TestInfo release_tests[];
extern CU_TestInfo sending_tests[];
extern CU_TestInfo stream_tests[];

#endif
