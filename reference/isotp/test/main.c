/* Tests of the codecs and of the circuit. Prints what fails; the exit code says whether
 * anything did. */
#include <CUnit/Basic.h>

#include "expect.h"

static CU_SuiteInfo suites[] = {
    {.pName = "octets", .pTests = octets_tests},
    {.pName = "tpkt", .pTests = tpkt_tests},
    {.pName = "tpdu", .pTests = tpdu_tests},
    {.pName = "parameter", .pTests = parameter_tests},
    {.pName = "negotiation", .pTests = negotiation_tests},
    {.pName = "nsap", .pTests = nsap_tests},
    {.pName = "tp_address", .pTests = tp_address_tests},
    {.pName = "tsdu_queue", .pTests = tsdu_queue_tests},
    {.pName = "circuit", .pTests = circuit_tests},
    {.pName = "release", .pTests = release_tests},
    {.pName = "sending", .pTests = sending_tests},
    {.pName = "stream", .pTests = stream_tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    bool failed;

    if (CU_initialize_registry() != CUE_SUCCESS ||
        CU_register_suites(suites) != CUE_SUCCESS) {
        fprintf(stderr, "CUnit: %s\n", CU_get_error_msg());
        return 2;
    }
    CU_basic_set_mode(CU_BRM_NORMAL);
    CU_basic_run_tests();
    failed = CU_get_number_of_tests_failed() > 0 || CU_get_number_of_tests_run() == 0;
    CU_cleanup_registry();
    return failed ? 1 : 0;
}
