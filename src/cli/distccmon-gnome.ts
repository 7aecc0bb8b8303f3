/** The same as distccmon-gui, by the name that it has with distcc. */
import './distccmon-gui.ts';
