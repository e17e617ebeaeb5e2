/* The suites of this program; each adds itself to CUnit's registry. */
#ifndef WSPCHECK_TEST_PARTS_H
#define WSPCHECK_TEST_PARTS_H

void add_error_name_suite(void);
void add_glob_suite(void);
void add_json_suite(void);

#endif
