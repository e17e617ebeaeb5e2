#include "parts.h"

#include "error_name.h"

#include <CUnit/CUnit.h>
#include <CUnit/TestDB.h>

static void documented_codes_have_their_name(void)
{
    CU_ASSERT_STRING_EQUAL(error_name(10042), "WSAENOPROTOOPT");
    CU_ASSERT_STRING_EQUAL(error_name(10101), "WSAEDISCON");
    CU_ASSERT_STRING_EQUAL(error_name(10107), "WSASYSCALLFAILURE");
    CU_ASSERT_STRING_EQUAL(error_name(11002), "WSATRY_AGAIN");
    CU_ASSERT_STRING_EQUAL(error_name(997), "WSA_IO_PENDING");
    CU_ASSERT_STRING_EQUAL(error_name(6), "WSA_INVALID_HANDLE");
}

static void other_numbers_have_none(void)
{
    CU_ASSERT_PTR_NULL(error_name(0));
    CU_ASSERT_PTR_NULL(error_name(-1));
    CU_ASSERT_PTR_NULL(error_name(10000));
    CU_ASSERT_PTR_NULL(error_name(0x5AFE0BAD));
}

void add_error_name_suite(void)
{
    CU_pSuite suite = CU_add_suite("error names", NULL, NULL);

    CU_add_test(
        suite, "documented codes have their name", documented_codes_have_their_name);
    CU_add_test(suite, "other numbers have none", other_numbers_have_none);
}
