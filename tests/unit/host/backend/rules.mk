# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# Tests of the back ends, built with the sanitizers, on the small test device. Hard part: none.

BACKEND_TESTS := mock vfio backend
BACKEND_SAN_O := $(patsubst $(B)/%.o,$(B)/tests/sim/%.o,$(BACKEND_O))
$(foreach t,$(BACKEND_TESTS),$(B)/tests/sim/test_$t): $(B)/tests/sim/test_%: \
  $(B)/tests/sim/tests/unit/host/backend/test_%.o $(BACKEND_SAN_O) $(B)/tests/sim/libchim_sim.a
	$(CLANG) $(SANITIZE) -o $@ $^ $(SIM_LIBS)
$(B)/tests/sim/test_vfio: $(B)/tests/sim/tests/unit/host/backend/fake_vfio.o
$(B)/tests/sim/chimney-model: $(patsubst $(B)/%.o,$(B)/tests/sim/%.o,$(SIM_MAIN_O)) \
  $(B)/tests/sim/libchim_sim.a
	$(CLANG) $(SANITIZE) -o $@ $^ $(SIM_LIBS)
-include $(BACKEND_SAN_O:.o=.d) $(BACKEND_TESTS:%=$(B)/tests/sim/tests/unit/host/backend/test_%.d)

$(call chim_test,unit,backend-mock,$(B)/tests/sim/test_mock,$(B)/tests/sim/test_mock)
$(call chim_test,unit,backend-vfio,$(B)/tests/sim/test_vfio,$(B)/tests/sim/test_vfio)
$(call chim_test,unit,backend-model-and-vfio-user,\
  ASAN_OPTIONS=detect_leaks=0 $(B)/tests/sim/test_backend $(B)/sim/dut/model \
    $(B)/tests/sim/chimney-model,\
  $(B)/tests/sim/test_backend $(B)/tests/sim/chimney-model $(B)/sim/dut/model/chim_model_w64_c64.so)
