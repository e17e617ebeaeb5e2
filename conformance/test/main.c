/* Tests of the harness's parts that need no Windows. */
#include "parts.h"

#include <CUnit/Basic.h>

int main(void)
{
    unsigned failures;

    if (CU_initialize_registry() != CUE_SUCCESS)
        return 2;
    add_error_name_suite();
    add_glob_suite();
    add_json_suite();
    CU_basic_set_mode(CU_BRM_NORMAL);
    CU_basic_run_tests();
    failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures ? 1 : 0;
}
