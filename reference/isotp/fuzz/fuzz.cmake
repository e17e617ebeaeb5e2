# The fuzz targets, their seeds, and a short run of each as a test.
set(ISOTP_FUZZ_SECONDS
    5
    CACHE STRING "How long a test run of each fuzz target lasts")

list(TRANSFORM codec PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ OUTPUT_VARIABLE fuzzed)
add_library(isotp_fuzzed STATIC ${fuzzed} fuzz/fuzz.c test/hex.c test/scene.c)
target_include_directories(isotp_fuzzed PUBLIC . fuzz test)
target_compile_options(isotp_fuzzed PUBLIC -fsanitize=fuzzer-no-link)

add_executable(isotp_corpus fuzz/corpus.c test/hex.c test/scene.c test/seed.c)
target_include_directories(isotp_corpus PRIVATE test)
target_link_libraries(isotp_corpus PRIVATE isotp_codec)

set(seeds ${CMAKE_CURRENT_BINARY_DIR}/seeds)
set(addresses ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/addresses.txt)
add_custom_command(
    OUTPUT ${seeds}/stamp
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${seeds}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${seeds}/decode ${seeds}/circuit
            ${seeds}/roundtrip ${seeds}/pair
    COMMAND isotp_corpus ${streams} ${addresses} ${seeds}/decode ${seeds}/circuit
    COMMAND ${CMAKE_COMMAND} -E touch ${seeds}/stamp
    DEPENDS isotp_corpus ${streams} ${addresses})
add_custom_target(isotp_seeds ALL DEPENDS ${seeds}/stamp)

foreach(target decode roundtrip circuit pair)
    add_executable(isotp_fuzz_${target} fuzz/${target}_fuzz.c)
    target_link_libraries(isotp_fuzz_${target} PRIVATE isotp_fuzzed)
    target_link_options(isotp_fuzz_${target} PRIVATE -fsanitize=fuzzer)
    add_test(NAME isotp_fuzz_${target}
             COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/run ${CMAKE_BINARY_DIR}
                     -max_total_time=${ISOTP_FUZZ_SECONDS} ${target})
endforeach()
